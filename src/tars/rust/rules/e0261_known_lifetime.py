"""Writes a lifetime that is declared where another one is misspelt, and declares what a type and its `impl`s share."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from tree_sitter import Node

from tars.rust.rules_support.items import TYPES, items, name_of
from tars.rust.rules_support.lifetimes import declare, declared, in_scope, owner_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch

_ALIKE_MIN = 0.6


def _patches(site: Site) -> Iterator[Patch]:
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


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _everywhere(site: Site, owner: Node, name: str) -> Iterator[Patch]:
    """Declared by the type, and by every `impl` that already gives it to the type."""
    own = declare(site.file, owner, name)
    changes: list[Change] = [own] if own is not None else []
    for file, impl in items(site.context, "impl_item", name=name_of(site.file, owner)):
        of = impl.child_by_field_name("type")
        if of is not None and name in file.text(of) and name not in declared(file, impl):
            change = declare(file, impl, name)
            changes += [change] if change is not None else []
    if len(changes) > 1:
        yield patch(f"declare `{name}` for the type and its implementations", 0.75, *changes)


PLUGIN = Mend(
    codes=("E0261",),
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
    ),
    patches=_patches,
)
