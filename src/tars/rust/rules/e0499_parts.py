"""Mends two mutable loans of elements of one slice: both are asked for at once, or the elements are swapped."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import loan_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import index_in, line_place, mentions, siblings, statements
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch, Place

_ELEMENT = re.compile(r"&mut\s+(?P<of>[\w.]+)\[(?P<at>[^\]]+)\]")
_LET = re.compile(r"let\s+(?P<name>\w+)\s*=\s*&mut\s+(?P<of>[\w.]+)\[(?P<at>[^\]]+)\]\s*;")
_SWAP = re.compile(r"(?:std::)?mem::swap\(\s*(\w+)\s*,\s*(\w+)\s*\)\s*;|swap\(\s*(\w+)\s*,\s*(\w+)\s*\)\s*;")
_TUPLE = re.compile(r"let\s+(?P<names>\([^)]*\))\s*=\s*\((?P<values>.*)\)\s*;", re.S)


def _patches(site: Site) -> Iterator[Patch]:
    loan = loan_of(site)
    found = siblings(site.file, loan.first, loan.conflict) if loan else None
    if found is None or found[0].parent is None:
        return
    block = statements(found[0].parent)
    if found[0].id == found[1].id:
        yield from _from_tuple(site.file, found[0])
    else:
        yield from _from_lets(site.file, block, found[0], found[1])


def _from_lets(file: SourceFile, block: list[Node], first: Node, second: Node) -> Iterator[Patch]:
    one, two = _LET.fullmatch(file.text(first)), _LET.fullmatch(file.text(second))
    if one is None or two is None or one["of"] != two["of"]:
        return
    following = block[index_in(block, second) + 1 :]
    swapped = _SWAP.fullmatch(file.text(following[0])) if following else None
    names = {one["name"], two["name"]}
    if swapped and {part for part in swapped.groups() if part} == names:
        needed = any(mentions(file, later, name) for later in following[1:] for name in names)
        if not needed:
            whole = Place(file.path, first.start_byte, following[0].end_byte)
            yield patch("swap the elements", 0.85, file.replace(whole, f"{one['of']}.swap({one['at']}, {two['at']});"))
    both = f"let [{one['name']}, {two['name']}] = {_at_once(one['of'], one['at'], two['at'])};"
    gone = file.delete(line_place(file, second))
    yield patch("ask for both elements at once", 0.6, file.replace(first, both), gone)


def _from_tuple(file: SourceFile, statement: Node) -> Iterator[Patch]:
    found = _TUPLE.fullmatch(file.text(statement))
    elements = list(_ELEMENT.finditer(found["values"])) if found else []
    if found is None or len(elements) != 2 or elements[0]["of"] != elements[1]["of"]:
        return
    names = found["names"].strip("()")
    both = f"let [{names}] = {_at_once(elements[0]['of'], elements[0]['at'], elements[1]['at'])};"
    yield patch("ask for both elements at once", 0.6, file.replace(statement, both))


def _at_once(owner: str, one: str, two: str) -> str:
    return f"{owner}.get_disjoint_mut([{one}, {two}]).unwrap()"


PLUGIN = Mend(
    codes=("E0499",),
    title="ask for two elements of a slice at once",
    cites=("docs:error_codes/E0499.html", "docs:std/primitive.slice.html#method.get_disjoint_mut"),
    examples=(
        Example(
            "pub fn turn(all: &mut Vec<u8>) {\n    let a = &mut all[0];\n    let b = &mut all[1];\n"
            "    std::mem::swap(a, b);\n}\n",
            "pub fn turn(all: &mut Vec<u8>) {\n    all.swap(0, 1);\n}\n",
        ),
        Example(
            "pub fn add(all: &mut [u8]) {\n    let a = &mut all[0];\n    let b = &mut all[1];\n    *a += *b;\n"
            "    *b = 0;\n}\n",
            "pub fn add(all: &mut [u8]) {\n    let [a, b] = all.get_disjoint_mut([0, 1]).unwrap();\n"
            "    *a += *b;\n    *b = 0;\n}\n",
        ),
    ),
    patches=_patches,
)
