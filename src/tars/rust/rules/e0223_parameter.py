"""Says of which type an associated type is meant: of the generic parameter that has the trait, or of `Self`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import trait_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    trait, separator, name = site.text.rpartition("::")
    if not separator:
        return
    head = parse_type(trait).head
    for number, (owner, sure) in enumerate(_bounded(site, head)):
        yield patch(f"`{name}` of `{owner}`", sure - 0.05 * number, site.file.replace(site.place, f"{owner}::{name}"))


def _bounded(site: Site, trait: str) -> Iterator[tuple[str, float]]:
    """What has the trait where the diagnostic points: generic parameters, the nearest first, and `Self`."""
    for node in (site.node, *ancestors(site.node)):
        listed = node.child_by_field_name("type_parameters")
        for parameter in listed.named_children if listed is not None else ():
            name = parameter.child_by_field_name("name")
            if name is not None and _has(site, node, parameter, name, trait):
                yield site.file.text(name), 0.78
        own = node.child_by_field_name("name")
        if node.type == "trait_item" and own is not None and site.file.text(own) == trait:
            yield "Self", 0.78
        if node.type == "impl_item" and parse_type(trait_of(site.file, node)).head == trait:
            yield "Self", 0.78


def _has(site: Site, owner: Node, parameter: Node, name: Node, trait: str) -> bool:
    where = next((one for one in owner.children if one.type == "where_clause"), None)
    texts = [site.file.text(parameter)]
    for one in where.named_children if where is not None else ():
        left = one.child_by_field_name("left")
        if left is not None and site.file.text(left) == site.file.text(name):
            texts.append(site.file.text(one))
    return any(re.search(rf"\b{re.escape(trait)}\b", text.partition(":")[2]) for text in texts)


PLUGIN = Mend(
    codes=("E0223",),
    title="say of which type an associated type is meant",
    cites=("docs:error_codes/E0223.html", "docs:reference/items/associated-items.html#associated-types"),
    examples=(
        Example(
            """
pub trait Animal {
    type Food;
    fn eat(&self) -> Self::Food;
}
pub fn feed<T: Animal>(animal: T) -> Animal::Food {
    animal.eat()
}
""",
            """
pub trait Animal {
    type Food;
    fn eat(&self) -> Self::Food;
}
pub fn feed<T: Animal>(animal: T) -> T::Food {
    animal.eat()
}
""",
        ),
        Example(
            """
pub struct Count(u8);
impl Iterator for Count {
    type Item = u8;
    fn next(&mut self) -> Option<Iterator::Item> {
        self.0.checked_sub(1)
    }
}
""",
            """
pub struct Count(u8);
impl Iterator for Count {
    type Item = u8;
    fn next(&mut self) -> Option<Self::Item> {
        self.0.checked_sub(1)
    }
}
""",
        ),
    ),
    patches=_patches,
)
