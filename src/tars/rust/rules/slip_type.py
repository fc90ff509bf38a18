"""Writes a type as the rest of the code has it: where two types differ in one name, it is that name which is wrong."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import RustType, mismatch, parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch

_WRITTEN = ("primitive_type", "type_identifier")
_HOLDERS = (
    "function_item",
    "function_signature_item",
    "const_item",
    "static_item",
    "struct_item",
    "enum_item",
    "type_item",
)
_RETURNS = re.compile(r"expected .+? to return `(.+?)`, but (?:it )?returns `(.+?)`")
_ISNT = re.compile(r"(?:expected|type mismatch resolving) .*== (.+?)`")
_SEQUENCES = {"[]", "[;]", "Vec"}
"""Types of which one often stands where another is wanted: then the elements tell."""
_EACH_MAX = 6
_SURE = 0.24


def _patches(site: Site) -> Iterator[Patch]:
    for wanted, found in _pairs(site):
        for old, new in ((found, wanted), (wanted, found)):
            if not re.fullmatch(r"\w+", old) or not re.fullmatch(r"(?:&(?:mut )?)?\w+", new):
                continue
            for number, (file, node) in enumerate(_mentions(site, old)):
                if number == _EACH_MAX:
                    break
                # Of a loan too many or too few the value is to blame more often than a type.
                likely = _SURE * (0.4 if new.endswith(old) else 1.0)
                sure = max(likely - 0.025 * number, 0.06)
                yield patch(f"write `{new}` for `{old}`", sure, file.replace(node, new))


def _pairs(site: Site) -> list[tuple[str, str]]:
    """What is wanted and what is found, as the names in which two types differ."""
    types = mismatch(site.diagnostic)
    pairs: list[tuple[str, str]] = []
    if types is not None:
        pairs += _differences(types.wanted, types.found)
    for text in (site.diagnostic.message, *(one.text for one in site.diagnostic.labels)):
        if found := _RETURNS.search(text):
            pairs += _differences(parse_type(found[1]), parse_type(found[2]))
    return list(dict.fromkeys(pairs))


def _differences(wanted: RustType, found: RustType) -> list[tuple[str, str]]:
    alike = wanted.head == found.head or {wanted.head, found.head} <= _SEQUENCES
    if alike and len(wanted.arguments) == len(found.arguments):
        pairs = zip(wanted.arguments, found.arguments, strict=True)
        return [pair for one, other in pairs for pair in _differences(one, other)]
    if "_" in (wanted.head, found.head):
        return []
    if wanted.peeled == found.peeled:
        # Where a type was written without its loan, only what it lends is the same.
        return [(str(wanted), str(found))] if wanted.head != found.head and not wanted.peeled.arguments else []
    return [(wanted.peeled.head, found.peeled.head)]


def _mentions(site: Site, name: str) -> Iterator[tuple[SourceFile, Node]]:
    """Where the type is written: in the function around, in what the compiler points at, in the types declared here."""
    holders: list[tuple[SourceFile, Node]] = []
    around = [one for one in ancestors(site.node) if one.type in (*_HOLDERS, "impl_item")]
    holders += [(site.file, one) for one in around if one.type != "impl_item"][:1]
    for label in site.labels():
        file = site.file_of(label.place)
        node = file.node_of(label.place, *_HOLDERS)
        holders += [(file, node)] if node is not None else []
    for one in around:
        subject = one.child_by_field_name("type") if one.type == "impl_item" else None
        head = parse_type(site.file.text(subject)).head if subject is not None else ""
        holders += items(site.context, "struct_item", "enum_item", name=head) if head else []
    seen: set[tuple[str, int]] = set()
    for file, holder in holders:
        own = [node for node in file.walk(*_WRITTEN, within=holder) if file.text(node) == name]
        for node in sorted(own, key=lambda one: _distance(site, file, one)):
            if (file.path, node.start_byte) not in seen:
                seen.add((file.path, node.start_byte))
                yield file, node


def _distance(site: Site, file: SourceFile, node: Node) -> int:
    return abs(node.start_byte - site.place.start) if file.path == site.file.path else 0


PLUGIN = Mend(
    codes=("E0308", "E0271"),
    title="write a type as the rest of the code has it",
    cites=("docs:error_codes/E0308.html", "docs:reference/types.html"),
    examples=(
        Example(
            """
pub struct Buffer {
    bytes: [Option<u8>; 4],
}
impl Buffer {
    pub fn new() -> Buffer {
        let bytes = [Option::<u32>::None; 4];
        Buffer { bytes }
    }
}
""",
            """
pub struct Buffer {
    bytes: [Option<u8>; 4],
}
impl Buffer {
    pub fn new() -> Buffer {
        let bytes = [Option::<u8>::None; 4];
        Buffer { bytes }
    }
}
""",
        ),
        Example(
            """
const DIGITS: &[u32] = b"0123456789";
pub fn digit(number: usize) -> u8 {
    DIGITS[number]
}
""",
            """
const DIGITS: &[u8] = b"0123456789";
pub fn digit(number: usize) -> u8 {
    DIGITS[number]
}
""",
        ),
        Example(
            """
pub fn shared<T>(one: &mut T) -> *mut &mut T {
    let mut lent = one;
    let pointer = &mut lent as *mut T;
    pointer
}
""",
            """
pub fn shared<T>(one: &mut T) -> *mut &mut T {
    let mut lent = one;
    let pointer = &mut lent as *mut &mut T;
    pointer
}
""",
        ),
        Example(
            """
pub fn all<F>(numbers: &[i32], test: F) -> bool
where
    F: FnMut(&i32) -> u8,
{
    numbers.iter().all(test)
}
""",
            """
pub fn all<F>(numbers: &[i32], test: F) -> bool
where
    F: FnMut(&i32) -> bool,
{
    numbers.iter().all(test)
}
""",
        ),
    ),
    patches=_patches,
)
