"""Writes a lifetime that is declared where another one is misspelt, and declares what a type and its `impl`s share."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from tree_sitter import Node

from tars.rust.rules_support.items import TYPES, items, name_of
from tars.rust.rules_support.lifetimes import declare, declared, in_scope, owner_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Change, Example, Patch

_ALIKE_MIN = 0.6


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0107":
        yield from _declared_where_used(site)
        return
    name = site.text
    owner = owner_of(site.node)
    if not name.startswith("'") or owner is None:
        return
    known = dict.fromkeys(one for one in in_scope(site.file, site.node) if one != "'_")
    for number, one in enumerate(sorted(known, key=lambda each: -_alike(name, each))):
        sure = 0.7 if _alike(name, one) >= _ALIKE_MIN else 0.45
        yield patch(f"`{one}` is declared", sure - 0.05 * number, site.file.replace(site.place, one))
    if owner.type in TYPES:
        yield from _everywhere(site, owner, name)
    for impl in (one for one in (site.node, *ancestors(site.node)) if one.type == "impl_item"):
        heads = (impl.child_by_field_name("type"), impl.child_by_field_name("trait"))
        named = any(re.search(rf"{name}\b", site.file.text(one)) for one in heads if one is not None)
        if named and name not in declared(site.file, impl) and (change := declare(site.file, impl, name)):
            yield patch(f"declare `{name}` for the implementation that names it", 0.9, change)


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _everywhere(site: Site, owner: Node, name: str) -> Iterator[Patch]:
    """Declared by the type, and by every `impl` that already gives it to the type."""
    own = declare(site.file, owner, name)
    changes: list[Change] = [own] if own is not None else []
    given = False
    for file, impl in items(site.context, "impl_item", name=name_of(site.file, owner)):
        of = impl.child_by_field_name("type")
        if of is None or not re.search(rf"{name}\b", file.text(of)):
            continue
        given = True
        if name not in declared(file, impl):
            change = declare(file, impl, name)
            changes += [change] if change is not None else []
    if given and changes:
        yield patch(f"declare `{name}` for the type and its implementations", 0.9, *changes)


def _declared_where_used(site: Site) -> Iterator[Patch]:
    """A type that is given a lifetime, and names one that it does not declare: both complaints have one cause."""
    place = site.noted("with 0 lifetime parameters")
    owner = owner_of(site.node_of(place)) if place is not None else None
    if place is None or owner is None or owner.type not in TYPES:
        return
    file = site.file_of(place)
    unknown = [file.text(one) for one in file.walk("lifetime", within=owner) if file.text(one) not in ("'static", "'_")]
    if unknown and not declared(file, owner):
        change = declare(file, owner, unknown[0])
        if change is not None:
            yield patch(f"declare `{unknown[0]}` for the type that names it", 0.9, change)


PLUGIN = Mend(
    codes=("E0261", "E0107"),
    title="write a lifetime that is declared, or declare it for a type and its implementations",
    cites=("docs:error_codes/E0261.html", "docs:book/ch10-03-lifetime-syntax.html"),
    examples=(
        Example(
            """
pub fn longest<'text>(one: &'text str, other: &'txt str) -> &'text str {
    if one.len() > other.len() { one } else { other }
}
""",
            """
pub fn longest<'text>(one: &'text str, other: &'text str) -> &'text str {
    if one.len() > other.len() { one } else { other }
}
""",
        ),
        Example(
            """
pub struct Line {
    text: &'a str,
}
impl Line<'a> {
    pub fn text(&self) -> &'a str {
        self.text
    }
}
""",
            """
pub struct Line<'a> {
    text: &'a str,
}
impl<'a> Line<'a> {
    pub fn text(&self) -> &'a str {
        self.text
    }
}
""",
        ),
        Example(
            """
pub struct Line<T: ?Sized + 'a> {
    text: &'a T,
}
impl<'a, T: ?Sized> Line<'a, T> {
    pub fn text(&self) -> &'a T {
        self.text
    }
}
pub fn both<'a>(one: &Line<'a, str>, other: &Line<'a, str>) -> [&'a str; 2] {
    [one.text(), other.text()]
}
""",
            """
pub struct Line<'a, T: ?Sized + 'a> {
    text: &'a T,
}
impl<'a, T: ?Sized> Line<'a, T> {
    pub fn text(&self) -> &'a T {
        self.text
    }
}
pub fn both<'a>(one: &Line<'a, str>, other: &Line<'a, str>) -> [&'a str; 2] {
    [one.text(), other.text()]
}
""",
        ),
        Example(
            """
pub struct Line<'a>(&'a str);
impl Line<'a> {
    pub fn new(text: &'a str) -> Line<'a> {
        Line(text)
    }
}
""",
            """
pub struct Line<'a>(&'a str);
impl<'a> Line<'a> {
    pub fn new(text: &'a str) -> Line<'a> {
        Line(text)
    }
}
""",
        ),
    ),
    patches=_patches,
)
