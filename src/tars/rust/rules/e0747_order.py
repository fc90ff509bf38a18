"""Puts generic arguments, and parameters with defaults, into an order that they can have."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0747":
        arguments = site.up("type_arguments")
        given = children(arguments) if arguments else []
        texts = [site.file.text(one) for one in given]
        ordered = [one for one in texts if one.startswith("'")] + [one for one in texts if not one.startswith("'")]
        if arguments is not None and ordered != texts:
            yield patch("lifetimes come first", 0.8, site.file.replace(arguments, f"<{', '.join(ordered)}>"))
        return
    listed = site.up("type_parameters")
    if listed is not None:
        yield from _defaults(site, listed)


def _defaults(site: Site, listed: Node) -> Iterator[Patch]:
    """A default that names a later parameter: the later one comes first, or both have its default."""
    given = [site.file.text(one) for one in children(listed)]
    name = site.text
    later = next((one for one in given if re.match(rf"{re.escape(name)}\b", one)), None)
    user = next((one for one in given if re.search(rf"=.*\b{re.escape(name)}\b", one) and one != later), None)
    if later is None or user is None:
        return
    default = later.partition("=")[2].strip()
    if default:
        same = [re.sub(rf"(=.*)\b{re.escape(name)}\b", rf"\1{default}", one) if one == user else one for one in given]
        yield patch("name the later one's default itself", 0.5, site.file.replace(listed, f"<{', '.join(same)}>"))
    moved = [one for one in given if one != later]
    moved.insert(moved.index(user), later)
    yield patch("declare what a default names before it", 0.55, site.file.replace(listed, f"<{', '.join(moved)}>"))


PLUGIN = Mend(
    codes=("E0128", "E0747"),
    title="put generic parameters and arguments into order",
    cites=("docs:reference/items/generics.html", "docs:error_codes/E0128.html"),
    examples=(
        Example(
            """
pub struct Pair<T = U, U = ()> {
    pub one: T,
    pub other: U,
}
""",
            """
pub struct Pair<U = (), T = U> {
    pub one: T,
    pub other: U,
}
""",
        ),
        Example(
            """
pub struct Held<'a, T>(pub &'a T);
pub fn get<'a>(held: Held<u8, 'a>) -> u8 {
    *held.0
}
""",
            """
pub struct Held<'a, T>(pub &'a T);
pub fn get<'a>(held: Held<'a, u8>) -> u8 {
    *held.0
}
""",
        ),
    ),
    patches=_patches,
)
