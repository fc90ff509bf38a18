"""Makes an iterator yield what is asked for, or asks for what it yields."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.conversions import conversions
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.types import RustType, fits, mismatch, parse_type
from tars.rust.values import Change, Example, Patch, Place

_YIELDS = re.compile(r"to be an iterator that yields `(.+)`, but it yields `(.+)`$")
_RESOLVES = re.compile(r"type mismatch resolving `<.+ as .+>::(\w+) == (.+)`$")
_HANDED = re.compile(r"type mismatch resolving `<.+ as (?:\w+::)*(?:IntoIterator|Iterator)>::Item == ")
_WAYS_MAX = 2


def _patches(site: Site) -> Iterator[Patch]:
    message = site.diagnostic.message
    if found := _YIELDS.search(message):
        wanted, given = parse_type(found[1]), parse_type(found[2])
        value = _iterator(site)
        if value is not None:
            for text, reason, confidence in _adapted(given, wanted):
                yield patch(reason, confidence, site.file.insert(value.end_byte, text))
        bound = _bound(site, "Item", found[1])
        if bound is not None and given.known:
            yield patch(f"ask for `{given}`", 0.35, Change(bound, str(given)))
    elif _HANDED.search(message) and (types := mismatch(site.diagnostic)) is not None:
        wanted, given = types.wanted, types.found
        for text, reason, confidence in _adapted(given, wanted) if given.head == "&" else ():
            yield patch(reason, confidence, site.file.insert(site.place.end, text))
    elif found := _RESOLVES.search(message):
        note = site.noted("expected this to be")
        bound = _bound(site, found[1], found[2])
        if note is not None and bound is not None:
            yield patch("ask for the type that it has", 0.45, Change(bound, site.file_of(note).text(note)))


def _adapted(given: RustType, wanted: RustType) -> Iterator[tuple[str, str, float]]:
    """What is called on the iterator so that its elements are of the wanted type."""
    if given.head == "&" and fits(given.inner, wanted):
        how = "copied" if given.inner.is_copied else "cloned"
        yield f".{how}()", "own the elements", 0.7
        return
    ways = [way for way in conversions(given, wanted) if "?" not in way.template and "unwrap" not in way.template]
    for way in ways[:_WAYS_MAX]:
        yield f".map(|one| {way.applied('one')})", f"{way.reason}, each", way.confidence


def _iterator(site: Site) -> Node | None:
    """The expression that is the iterator: the one pointed at, in a box too; else what the function gives."""
    node: Node | None = site.node
    if node is not None and node.type == "call_expression" and site.file.text(node).startswith("Box::new("):
        arguments = node.child_by_field_name("arguments")
        return children(arguments)[0] if arguments and children(arguments) else None
    if node is not None and node.type.endswith("_type"):
        function = site.up("function_item")
        body = function.child_by_field_name("body") if function else None
        inner = children(body) if body else []
        return inner[-1] if inner and inner[-1].type == "call_expression" else None
    return node if node is not None and node.type in ("call_expression", "identifier") else None


def _bound(site: Site, name: str, type_: str) -> Place | None:
    """Where the type is asked for: `Item = u8`, in a bound that a note points at, or in the type pointed at."""
    for place in [label.place for label in site.labels() if label.place != site.place] + [site.place]:
        text = site.file_of(place).text(place)
        found = re.search(rf"\b{name} = (.+)", text, re.S)
        if found and found[1].startswith(type_):
            start = place.start + len(text[: found.start(1)].encode())
            return Place(place.path, start, start + len(type_.encode()))
    return None


PLUGIN = Mend(
    codes=("E0271",),
    title="yield what is asked for",
    cites=("docs:error_codes/E0271.html", "docs:std/iter/trait.Iterator.html"),
    examples=(
        Example(
            """
pub fn all(list: &[i32]) -> impl Iterator<Item = i32> + '_ {
    list.iter().filter(|one| **one > 1)
}
""",
            """
pub fn all(list: &[i32]) -> impl Iterator<Item = i32> + '_ {
    list.iter().filter(|one| **one > 1).copied()
}
""",
        ),
        Example(
            """
pub trait Shelf {
    type Book;
}
impl Shelf for u8 {
    type Book = char;
}
fn look<S: Shelf<Book = u32>>(_: S) {}
pub fn main() {
    look(3u8);
}
""",
            """
pub trait Shelf {
    type Book;
}
impl Shelf for u8 {
    type Book = char;
}
fn look<S: Shelf<Book = char>>(_: S) {}
pub fn main() {
    look(3u8);
}
""",
        ),
        Example(
            """
pub fn grow<T: Clone>(all: &mut Vec<Option<T>>, more: &[Option<T>], last: Option<T>) {
    fn put<T, I: IntoIterator<Item = T>>(all: &mut Vec<T>, more: I) {
        all.extend(more);
    }
    put::<Option<T>, _>(all, more.iter());
    all.push(last);
}
""",
            """
pub fn grow<T: Clone>(all: &mut Vec<Option<T>>, more: &[Option<T>], last: Option<T>) {
    fn put<T, I: IntoIterator<Item = T>>(all: &mut Vec<T>, more: I) {
        all.extend(more);
    }
    put::<Option<T>, _>(all, more.iter().cloned());
    all.push(last);
}
""",
        ),
    ),
    patches=_patches,
)
