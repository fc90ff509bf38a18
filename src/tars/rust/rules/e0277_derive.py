"""Derives the trait that a type of the crate lacks, with those that it asks for, for the types of its fields too."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.traits import DERIVED_WITH, derives
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Change, Example, Patch

_BOUND = re.compile(r"`([^`]+?): (?:[\w:]+::)?(\w+)(?:<[^`]*)?`")
_LACKS = re.compile(r"`([^`]+)` doesn't implement `(?:[\w:]+::)?(\w+)`")
_MUST = re.compile(r"must implement `(?:[\w:]+::)?(\w+)")
_METHODS = {
    "clone": "Clone", "cmp": "Ord", "partial_cmp": "PartialOrd", "eq": "PartialEq", "hash": "Hash",
    "default": "Default", "max": "Ord", "min": "Ord", "sort": "Ord",
}  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    wanted = list(dict.fromkeys(_wanted(site)))
    changes: dict[Change, None] = {}
    traits: list[str] = []
    for number, (type_name, trait) in enumerate(wanted):
        made = derives(site.context, type_name, trait)
        if made:
            changes |= dict.fromkeys(made)
            traits.append(trait)
            sure = 0.72 if number == 0 else 0.6
            yield patch(f"derive `{trait}` for `{type_name}`", sure, *made)
    if len(traits) > 1 and len({name for name, _ in wanted}) == 1:
        whole = derives(site.context, wanted[0][0], "Ord") if "Ord" in traits else None
        if whole is None:
            return
        yield patch(f"derive {', '.join(traits)}", 0.5, *whole)


def _wanted(site: Site) -> Iterator[tuple[str, str]]:
    """Types with the traits that they lack, the one that the message names first."""
    said = site.diagnostic
    texts = [said.message, *(note.message for note in said.notes), *(label.text for label in site.labels())]
    for text in texts:
        for found in [*_BOUND.findall(text), *_LACKS.findall(text)]:
            if found[1] in DERIVED_WITH:
                yield _name(found[0]), found[1]
    for label in site.labels():
        if found := _MUST.search(label.text):
            name = re.sub(r"^(pub(\([^)]*\))? )?(struct|enum) ", "", site.file_of(label.place).text(label.place))
            if found[1] in DERIVED_WITH:
                yield _name(name), found[1]
    method = re.search(
        r"no (?:method|function or associated item|associated function) named `(\w+)` found", said.message
    )
    if method and method[1] in _METHODS and (owner := re.search(r"found for (?:[\w ]+ )?`([^`]+)`", said.message)):
        yield _name(owner[1]), _METHODS[method[1]]


def _name(text: str) -> str:
    return parse_type(text).peeled.head


PLUGIN = Mend(
    codes=("E0277", "E0369", "E0599"),
    title="derive the trait that the type lacks",
    cites=("docs:book/appendix-03-derivable-traits.html", "docs:reference/attributes/derive.html"),
    examples=(
        Example(
            """
pub struct Age(pub u8);
pub struct Dog {
    pub age: Age,
}
pub fn youngest_first(dogs: &mut [Dog]) {
    dogs.sort();
}
""",
            """
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(pub u8);
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Dog {
    pub age: Age,
}
pub fn youngest_first(dogs: &mut [Dog]) {
    dogs.sort();
}
""",
        ),
        Example(
            """
#[derive(Debug)]
pub enum Suit {
    Hearts,
    Spades,
}
pub fn same(one: Suit, other: Suit) -> bool {
    one == other
}
""",
            """
#[derive(Debug, PartialEq)]
pub enum Suit {
    Hearts,
    Spades,
}
pub fn same(one: Suit, other: Suit) -> bool {
    one == other
}
""",
        ),
        Example(
            """
pub struct Point(pub i32);
pub fn again(point: Point) -> (Point, Point) {
    (point.clone(), point)
}
""",
            """
#[derive(Clone)]
pub struct Point(pub i32);
pub fn again(point: Point) -> (Point, Point) {
    (point.clone(), point)
}
""",
        ),
    ),
    patches=_patches,
)
