"""Lends to read where it is said that one may write: in what a method gives, in what a function is handed."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    if not any(one.primary and one.text == "types differ in mutability" for one in site.diagnostic.labels):
        return
    yield from _parameter(site)
    yield from _closure(site)
    function = site.up("function_item")
    returned = function.child_by_field_name("return_type") if function is not None else None
    if function is None or returned is None or site.label("because of return type") is None:
        return
    if any(re.search(r"&\s*('\w+\s+)?mut\b", site.file.text(one)) for one in parameters(function)):
        return
    change = _read_only(site.file, returned)
    if change is not None:
        yield patch("return a loan to be read", 0.85, change)


def _parameter(site: Site) -> Iterator[Patch]:
    """The parameter of one of the crate's functions, which the argument is handed to."""
    place, listed = site.noted("defined here"), site.node.parent
    function = site.file_of(place).node_of(place, "function_item") if place is not None else None
    if place is None or function is None or listed is None or listed.type != "arguments":
        return
    index = next(number for number, one in enumerate(children(listed)) if one.id == site.node.id)
    own = [one for one in parameters(function) if one.type == "parameter"]
    type_ = own[index].child_by_field_name("type") if index < len(own) else None
    change = _read_only(site.file_of(place), type_) if type_ is not None else None
    if change is not None:
        yield patch("take a loan to be read there", 0.5, change)


def _closure(site: Site) -> Iterator[Patch]:
    """The closure that a function of the crate asks for: of what is lent to it to read it can give no more."""
    closure = next((one for one in ancestors(site.node) if one.type == "closure_expression"), None)
    listed = closure.parent if closure is not None else None
    call = listed.parent if listed is not None and listed.type == "arguments" else None
    called = call.child_by_field_name("function") if call is not None else None
    if called is None or closure is None or closure.child_by_field_name("body") != site.node:
        return
    last = called.child_by_field_name("field") or called.child_by_field_name("name") or called
    for file, function in items(site.context, "function_item", name=site.file.text(last)):
        body = function.child_by_field_name("body")
        for bound in file.walk("function_type", within=function):
            given, returned = bound.child_by_field_name("parameters"), bound.child_by_field_name("return_type")
            inside = body is not None and bound.start_byte > body.start_byte
            if given is None or returned is None or inside or "mut" in re.findall(r"\w+", file.text(given)):
                continue
            change = _read_only(file, returned)
            if change is not None:
                yield patch("ask for a closure that lends to read", 0.75, change)


def _read_only(file: SourceFile, type_: Node) -> Change | None:
    """The type with its first loan to be read only."""
    for one in file.walk("reference_type", within=type_):
        for child in one.children:
            if child.type == "mutable_specifier":
                end = child.next_sibling.start_byte if child.next_sibling is not None else child.end_byte
                return file.delete(Place(file.path, child.start_byte, end))
    return None


PLUGIN = Mend(
    codes=("E0308",),
    title="lend to read where nothing is written",
    cites=("docs:error_codes/E0308.html", "docs:book/ch04-02-references-and-borrowing.html"),
    examples=(
        Example(
            """
pub struct Line(String);
impl Line {
    pub fn text(&self) -> &mut str {
        &self.0
    }
}
pub fn same(one: &Line, other: Option<&str>) -> bool {
    Some(one.text()) == other
}
""",
            """
pub struct Line(String);
impl Line {
    pub fn text(&self) -> &str {
        &self.0
    }
}
pub fn same(one: &Line, other: Option<&str>) -> bool {
    Some(one.text()) == other
}
""",
        ),
        Example(
            """
pub struct Names(Vec<String>);
impl Names {
    pub fn has(&self, name: &mut str) -> bool {
        self.0.iter().any(|one| one == name)
    }
}
pub fn known(names: &Names, name: &str) -> bool {
    names.has(name)
}
""",
            """
pub struct Names(Vec<String>);
impl Names {
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|one| one == name)
    }
}
pub fn known(names: &Names, name: &str) -> bool {
    names.has(name)
}
""",
        ),
        Example(
            """
pub struct Pair(u8, u8);
pub fn part<T, U, F: FnOnce(&T) -> &mut U>(whole: &T, f: F) -> &U {
    f(whole)
}
pub fn first(pair: &Pair) -> &u8 {
    part(pair, |pair: &Pair| &pair.0)
}
""",
            """
pub struct Pair(u8, u8);
pub fn part<T, U, F: FnOnce(&T) -> &U>(whole: &T, f: F) -> &U {
    f(whole)
}
pub fn first(pair: &Pair) -> &u8 {
    part(pair, |pair: &Pair| &pair.0)
}
""",
        ),
    ),
    patches=_patches,
)
