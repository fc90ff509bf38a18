"""Finds out what a type without its arguments holds: from what a function gives, or from what a field is given."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import calls_of, name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.types import RustType, parse_type, uses_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch

_MISSING = re.compile(r"missing generics for (?:[\w ]+ )?`(?:\w+::)*(\w+)`")
_COUNT = re.compile(r"expected (?:at least )?(\d+) generic argument")
_HOLDERS = (
    "parameter", "field_declaration", "function_item", "const_item", "static_item", "let_declaration", "impl_item",
    "function_signature_item",
)  # fmt: skip
_GIVEN_MAX = 6
_ELSEWHERE_MAX = 4


def _patches(site: Site) -> Iterator[Patch]:
    missing = _MISSING.search(site.diagnostic.message)
    if missing is None or site.text.rpartition("::")[2] != missing[1]:
        return
    said = next((found for one in site.labels() if (found := _COUNT.search(one.text))), None)
    holder = next((one for one in ancestors(site.node) if one.type in _HOLDERS), None)
    if holder is None:
        return
    if holder.type in ("parameter", "field_declaration", "function_signature_item"):
        # What a trait's methods give is told by those of other traits.
        known = holder.type != "function_signature_item"
        given = [str(type_) for type_ in _given(site, holder, missing[1])] if known else []
        for number, type_ in enumerate(given):
            yield patch(f"it is given `{type_}`", 0.7 - 0.2 * number, site.file.replace(site.place, type_))
        for number, type_ in enumerate(() if given else _elsewhere(site, missing[1], holder)):
            sure = 0.5 - 0.1 * number
            yield patch(f"it is `{type_}`, as elsewhere", sure, site.file.replace(site.place, type_))
    elif _is_told(site.node, holder):
        open_ = ", ".join("_" * int(said[1] if said else "1"))
        # The compiler refuses this, and says what it found there.
        yield patch("ask what it holds", 0.6, site.file.insert(site.place.end, f"<{open_}>"))


def _is_told(node: Node, holder: Node) -> bool:
    """Whether the compiler infers what is left open there: in what a function with a body returns, in a constant."""
    if holder.type == "function_item":
        returned = holder.child_by_field_name("return_type")
        return returned is not None and returned.start_byte <= node.start_byte < returned.end_byte
    type_ = holder.child_by_field_name("type")
    value = holder.child_by_field_name("value")
    return value is not None and type_ is not None and type_.start_byte <= node.start_byte < type_.end_byte


def _given(site: Site, holder: Node, head: str) -> list[RustType]:
    """The types of that name in what is given to a parameter or a field, in the order of the code."""
    values = [*(_arguments(site, holder) if holder.type == "parameter" else _initials(site, holder))][:_GIVEN_MAX]
    told = site.context.types([file.place(value) for file, value in values])
    types = [one for text in told if text is not None for one in uses_of(parse_type(text))]
    found = [one for one in types if one.head == head and one.arguments and _may_be_written(one, holder)]
    return list(dict.fromkeys(found))[:2]


def _elsewhere(site: Site, head: str, holder: Node) -> list[str]:
    """What the type holds where it is written whole, the nearest first; a field cannot leave lifetimes open."""
    found: list[tuple[int, str]] = []
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for one in file.walk("generic_type"):
            text = re.sub(r"'(?!static\b)\w+", "'_", file.text(one))
            distance = abs(one.start_byte - site.place.start) if path == site.file.path else len(site.file.data)
            if re.match(rf"(?:\w+::)*{head}\s*<", text) and not (holder.type == "field_declaration" and "'_" in text):
                found.append((distance, " ".join(text.split())))
    return list(dict.fromkeys(text for _, text in sorted(found)))[:_ELSEWHERE_MAX]


def _may_be_written(one: RustType, holder: Node) -> bool:
    """Whether a type stands for itself in a declaration; in a field a loan needs a lifetime."""
    inner = [*uses_of(one)]
    loans = holder.type == "field_declaration" and any(part.head.startswith("&") for part in inner)
    return one.known and not loans and not any(part.head in ("{integer}", "{float}") for part in inner)


def _arguments(site: Site, parameter: Node) -> Iterator[tuple[SourceFile, Node]]:
    function = next((one for one in ancestors(parameter) if one.type == "function_item"), None)
    if function is None:
        return
    own = [one for one in parameters(function) if one.type == "parameter"]
    index = next((number for number, one in enumerate(own) if one == parameter), None)
    for file, call in calls_of(site.context, name_of(site.file, function)):
        listed = call.child_by_field_name("arguments")
        given = children(listed) if listed is not None else []
        if index is not None and index < len(given):
            yield file, given[index]


def _initials(site: Site, field: Node) -> Iterator[tuple[SourceFile, Node]]:
    """What expressions of the struct give the field, what is assigned to it, and what its methods are handed."""
    name = name_of(site.file, field)
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for one in file.walk("field_initializer"):
            own, value = one.child_by_field_name("field"), one.child_by_field_name("value")
            if own is not None and value is not None and file.text(own) == name:
                yield file, value
        for one in file.walk("assignment_expression"):
            left, right = one.child_by_field_name("left"), one.child_by_field_name("right")
            if left is not None and right is not None and re.search(rf"\.{name}\b", file.text(left)):
                yield file, right
        for one in file.walk("call_expression"):
            function, listed = one.child_by_field_name("function"), one.child_by_field_name("arguments")
            if function is not None and listed is not None and re.search(rf"\.{name}(\.\w+)+$", file.text(function)):
                yield from ((file, value) for value in children(listed))
        for one in file.walk("shorthand_field_initializer"):
            if file.text(one) == name:
                yield file, one


PLUGIN = Mend(
    codes=("E0107",),
    title="find out what a type without its arguments holds",
    cites=("docs:error_codes/E0107.html", "docs:error_codes/E0121.html", "docs:reference/types/inferred.html"),
    examples=(
        Example(
            """
pub trait Less: Sized {
    fn less(&self) -> Option<Self>;
}
pub trait More: Sized {
    fn more(&self) -> Option;
}
impl More for u8 {
    fn more(&self) -> Option<u8> {
        self.checked_add(1)
    }
}
""",
            """
pub trait Less: Sized {
    fn less(&self) -> Option<Self>;
}
pub trait More: Sized {
    fn more(&self) -> Option<Self>;
}
impl More for u8 {
    fn more(&self) -> Option<u8> {
        self.checked_add(1)
    }
}
""",
        ),
        Example(
            """
pub fn sum(all: &[u8]) -> u32 {
    let wide: Vec = all.iter().map(|one| u32::from(*one)).collect();
    wide.iter().sum()
}
""",
            """
pub fn sum(all: &[u8]) -> u32 {
    let wide: Vec<_> = all.iter().map(|one| u32::from(*one)).collect();
    wide.iter().sum()
}
""",
        ),
        Example(
            """
pub struct Words {
    held: Vec,
}
pub fn words(text: &str) -> Words {
    let held: Vec<String> = text.split(' ').map(String::from).collect();
    Words { held: held }
}
""",
            """
pub struct Words {
    held: Vec<String>,
}
pub fn words(text: &str) -> Words {
    let held: Vec<String> = text.split(' ').map(String::from).collect();
    Words { held: held }
}
""",
        ),
        Example(
            """
pub struct Words {
    held: Option<Vec>,
}
impl Words {
    pub fn read(&mut self, text: &str) {
        let held: Vec<String> = text.split(' ').map(String::from).collect();
        self.held.replace(held);
    }
}
""",
            """
pub struct Words {
    held: Option<Vec<String>>,
}
impl Words {
    pub fn read(&mut self, text: &str) {
        let held: Vec<String> = text.split(' ').map(String::from).collect();
        self.held.replace(held);
    }
}
""",
        ),
        Example(
            """
use std::borrow::Cow;
pub fn first(text: Cow<'_, [u8]>) -> u8 {
    text[0]
}
pub fn text(bytes: Cow) -> u8 {
    first(bytes)
}
pub fn read(bytes: &[u8]) -> u8 {
    text(bytes.into())
}
""",
            """
use std::borrow::Cow;
pub fn first(text: Cow<'_, [u8]>) -> u8 {
    text[0]
}
pub fn text(bytes: Cow<'_, [u8]>) -> u8 {
    first(bytes)
}
pub fn read(bytes: &[u8]) -> u8 {
    text(bytes.into())
}
""",
        ),
        Example(
            """
fn total(all: Vec) -> u64 {
    all.into_iter().map(|one| one as u64).sum()
}
pub fn one_to(count: u32) -> u64 {
    let all: Vec<u32> = (1..=count).collect();
    total(all)
}
""",
            """
fn total(all: Vec<u32>) -> u64 {
    all.into_iter().map(|one| one as u64).sum()
}
pub fn one_to(count: u32) -> u64 {
    let all: Vec<u32> = (1..=count).collect();
    total(all)
}
""",
        ),
    ),
    patches=_patches,
)
