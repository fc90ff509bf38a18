"""Implements a trait for what its method takes: `impl From<str>` whose `from` takes a `&str`."""

from collections.abc import Iterator

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    impl, function = site.up("impl_item"), site.up("function_item")
    trait = impl.child_by_field_name("trait") if impl is not None else None
    listed = trait.child_by_field_name("type_arguments") if trait is not None else None
    if function is None or trait is None or listed is None:
        return
    given = [one for one in children(listed) if one.type != "lifetime"]
    taken = [one.child_by_field_name("type") for one in parameters(function) if one.type == "parameter"]
    if len(given) != 1 or len(taken) != 1 or taken[0] is None or site.file.place(taken[0]) != site.place:
        return
    written = site.file.text(taken[0])
    # What has no size can stand nowhere by value: then the trait's argument is the one that is wrong.
    unsized = any(
        one.code == "E0277" and one.primary is not None and one.primary.path == site.place.path
        and trait.start_byte <= one.primary.start < trait.end_byte
        for one in site.context.diagnostics
    )  # fmt: skip
    if written != site.file.text(given[0]) and written != "Self":
        yield patch(f"implement it for `{written}`", 0.93 if unsized else 0.4, site.file.replace(given[0], written))


PLUGIN = Mend(
    codes=("E0053",),
    title="implement a trait for what its method takes",
    cites=("docs:error_codes/E0053.html", "docs:reference/items/implementations.html"),
    examples=(
        Example(
            """
pub struct Word<'a>(pub &'a str);
impl<'a> From<str> for Word<'a> {
    fn from(text: &'a str) -> Word<'a> {
        Word(text)
    }
}
""",
            """
pub struct Word<'a>(pub &'a str);
impl<'a> From<&'a str> for Word<'a> {
    fn from(text: &'a str) -> Word<'a> {
        Word(text)
    }
}
""",
        ),
    ),
    patches=_patches,
)
