"""Takes `unsafe` from a trait of this crate that asks for nothing unsafe, where it is implemented as a safe one."""

from collections.abc import Iterator

from tars.rust.rules_support.items import declared_trait, items, trait_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    if not site.words:
        return
    name = parse_type(site.words[0]).head
    found = declared_trait(site.context, name)
    if found is None:
        return
    file, trait = found
    word = next((one for one in trait.children if one.type == "unsafe"), None)
    body = trait.child_by_field_name("body")
    if word is None or word.next_sibling is None or body is None or next(file.walk("unsafe", within=body), None):
        return
    for where, one in items(site.context, "impl_item"):
        if parse_type(trait_of(where, one)).head == name and where.text(one).startswith("unsafe"):
            return
    cut = Place(file.path, word.start_byte, word.next_sibling.start_byte)
    yield patch(f"nothing of `{name}` is unsafe", 0.4, file.delete(cut))


PLUGIN = Mend(
    codes=("E0200",),
    title="take `unsafe` from a trait that is implemented as a safe one",
    cites=("docs:error_codes/E0200.html", "docs:reference/items/traits.html#unsafe-traits"),
    examples=(
        Example(
            """
pub unsafe trait Named {
    fn name(&self) -> String;
}
pub struct Tree;
impl Named for Tree {
    fn name(&self) -> String {
        "tree".to_string()
    }
}
""",
            """
pub trait Named {
    fn name(&self) -> String;
}
pub struct Tree;
impl Named for Tree {
    fn name(&self) -> String {
        "tree".to_string()
    }
}
""",
        ),
    ),
    patches=_patches,
)
