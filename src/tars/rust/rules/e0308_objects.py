"""Lets a list hold values of several types that have a trait in common, as objects of it."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import implements, items, name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.types import mismatch
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    array = next((one for one in ancestors(site.node) if one.type == "array_expression"), None)
    let = next((one for one in ancestors(site.node) if one.type == "let_declaration"), None)
    pattern = let.child_by_field_name("pattern") if let else None
    if types is None or array is None or let is None or pattern is None or let.child_by_field_name("type") is not None:
        return
    listed = site.file.data[: array.start_byte].rstrip().endswith(b"vec!")
    for trait in _common(site, types.wanted.head, types.found.head):
        changes: list[Change] = [site.file.insert(pattern.end_byte, f": {_type(trait, len(children(array)), listed)}")]
        changes += [
            site.file.replace(one, f"Box::new({site.file.text(one)})") for one in children(array)
            if not re.match(r"Box::new\(", site.file.text(one))
        ]  # fmt: skip
        yield patch(f"hold them as objects of `{trait}`", 0.6, *changes)


def _type(trait: str, count: int, listed: bool) -> str:
    return f"Vec<Box<dyn {trait}>>" if listed else f"[Box<dyn {trait}>; {count}]"


def _common(site: Site, one: str, other: str) -> list[str]:
    """The crate's traits that both types implement."""
    traits = [name_of(file, node) for file, node in items(site.context, "trait_item")]
    return [name for name in traits if implements(site.context, one, name) and implements(site.context, other, name)]


PLUGIN = Mend(
    codes=("E0308",),
    title="hold values of several types as objects of their common trait",
    cites=("docs:book/ch18-02-trait-objects.html",),
    examples=(
        Example(
            """
pub trait Shape {
    fn area(&self) -> f64;
}
struct Dot;
struct Line;
impl Shape for Dot {
    fn area(&self) -> f64 {
        0.0
    }
}
impl Shape for Line {
    fn area(&self) -> f64 {
        0.5
    }
}
pub fn total() -> f64 {
    let all = vec![Box::new(Dot), Box::new(Line)];
    all.iter().map(|one| one.area()).sum()
}
""",
            """
pub trait Shape {
    fn area(&self) -> f64;
}
struct Dot;
struct Line;
impl Shape for Dot {
    fn area(&self) -> f64 {
        0.0
    }
}
impl Shape for Line {
    fn area(&self) -> f64 {
        0.5
    }
}
pub fn total() -> f64 {
    let all: Vec<Box<dyn Shape>> = vec![Box::new(Dot), Box::new(Line)];
    all.iter().map(|one| one.area()).sum()
}
""",
        ),
    ),
    patches=_patches,
)
