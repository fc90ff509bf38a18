"""Settles two generic parameters of one name: the second gets another, or goes where both mean the same."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.rules_support.names import fresh, mentions, replaced, written
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    parameter = site.up("type_parameter", "lifetime_parameter", "const_parameter")
    listing = parameter.parent if parameter else None
    item = listing.parent if listing else None
    label = site.label("first use of") or site.label("previous declaration")
    if parameter is None or listing is None or item is None or label is None:
        return
    name = site.text
    called = fresh(name, written(site.file, site.up("impl_item", "trait_item") or item))
    inner = not (listing.start_byte <= label.place.start < listing.end_byte and label.place.path == site.file.path)
    places = mentions(site.file, item, name) if inner else _halves(site, item, name)
    places = [one for one in places if one != site.place and one != label.place]
    sure = 0.62 if inner or not name.startswith("'") else 0.5
    changes = [site.file.replace(site.place, called), *replaced(site.file, places, called)]
    yield patch(f"call the second parameter `{called}`", sure, *changes)
    whole = listing if len(children(listing)) == 1 else None
    dropped = site.file.delete(whole) if whole else delete_from_list(site.file, children(listing), parameter)
    yield patch(f"use one parameter `{name}` for both", 0.45 if sure > 0.6 else 0.56, dropped)


def _halves(site: Site, item: Node, name: str) -> list[Place]:
    """Of the parameters or fields that use a name with two meanings, those of the later half."""
    body = item.child_by_field_name("body")
    of = parameters(item) if item.type == "function_item" else children(body) if body else []
    using = [places for one in of if (places := mentions(site.file, one, name))]
    return [place for places in using[(len(using) + 1) // 2 :] for place in places]


PLUGIN = Mend(
    codes=("E0403", "E0263"),
    title="settle two generic parameters of one name",
    cites=("docs:error_codes/E0403.html", "docs:reference/items/generics.html"),
    examples=(
        Example(
            """
pub fn pair<T, T>(one: T, other: T) {
    let _ = (one, other);
}
""",
            """
pub fn pair<T, U>(one: T, other: U) {
    let _ = (one, other);
}
""",
        ),
        Example(
            """
pub trait Swap<T> {
    fn swap<T: Clone>(&self, with: &T) -> T;
}
""",
            """
pub trait Swap<T> {
    fn swap<U: Clone>(&self, with: &U) -> U;
}
""",
        ),
        Example(
            """
pub fn longest<'a, 'b, 'a>(one: &'a str, _other: &'b str, _third: &'a str) -> &'a str {
    one
}
""",
            """
pub fn longest<'a, 'b>(one: &'a str, _other: &'b str, _third: &'a str) -> &'a str {
    one
}
""",
        ),
    ),
    patches=_patches,
)
