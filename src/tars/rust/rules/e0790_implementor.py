"""Names the type whose implementation of a trait's function is called."""

from collections.abc import Iterator

from tars.rust.rules_support.items import items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch

_CHOICES_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    path = site.up("call_expression")
    function = path.child_by_field_name("function") if path else site.node
    text = site.file.text(function) if function else ""
    trait, _, method = text.rpartition("::")
    if function is None or not trait or trait.startswith("<"):
        return
    named: list[str] = []
    for file, impl in items(site.context, "impl_item"):
        type_ = impl.child_by_field_name("type")
        if type_ is not None and parse_type(trait_of(file, impl)).head == trait.rpartition("::")[2]:
            named.append(file.text(type_))
    known = [name for name in named if "<" not in name or name_of(site.file, site.node)]
    for number, name in enumerate(dict.fromkeys(known[:_CHOICES_MAX])):
        sure = 0.6 if len(known) == 1 else 0.3 - 0.05 * number
        yield patch(f"the one of `{name}`", sure, site.file.replace(function, f"<{name} as {trait}>::{method}"))


PLUGIN = Mend(
    codes=("E0790",),
    title="name the type whose implementation is called",
    cites=("docs:error_codes/E0790.html", "docs:reference/paths.html#qualified-paths"),
    examples=(
        Example(
            """
pub trait Make {
    fn make() -> u8;
}
pub struct One;
impl Make for One {
    fn make() -> u8 {
        1
    }
}
pub fn one() -> u8 {
    Make::make()
}
""",
            """
pub trait Make {
    fn make() -> u8;
}
pub struct One;
impl Make for One {
    fn make() -> u8 {
        1
    }
}
pub fn one() -> u8 {
    <One as Make>::make()
}
""",
        ),
    ),
    patches=_patches,
)
