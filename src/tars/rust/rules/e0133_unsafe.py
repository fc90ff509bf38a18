"""Mends an operation that asks for `unsafe`: it is put into a block that says so. Never applied unless asked for."""

from collections.abc import Iterator

from ducktools.classbuilder.prefab import replace
from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.opened import opened
from tars.rust.values import Change, Example, Patch, Place

_STATEMENTS = ("expression_statement",)
_ASSIGNMENTS = ("assignment_expression", "compound_assignment_expr")


def _patches(site: Site) -> Iterator[Patch]:
    node = _operation(site)
    for one in (*_around(site, node), *_function(site, node)):
        yield replace(one, risk="unsafe")


def _operation(site: Site) -> Node:
    """What is to be in the block: the operation, or the assignment, loan or call that it is the place of."""
    file = opened(site.file)
    node = file.exactly(site.place) or file.node_at(site.place)
    for one in ancestors(node):
        if one.type in _ASSIGNMENTS and one.child_by_field_name("left") is not None:
            left = one.child_by_field_name("left")
            if left is not None and left.start_byte <= node.start_byte and node.end_byte <= left.end_byte:
                return one
        if one.type in ("reference_expression", "field_expression", "index_expression", "try_expression"):
            node = one
            continue
        if one.type == "call_expression" and one.child_by_field_name("function") == node:
            node = one
            continue
        break
    return node


def _around(site: Site, node: Node) -> Iterator[Patch]:
    file = site.file
    parent = node.parent
    if parent is not None and parent.type == "expression_statement":
        indent = file.indent(parent.start_byte)
        alone = file.data[file.line_start(parent.start_byte) : parent.start_byte].strip() == b""
        text = file.text(parent)
        block = f"unsafe {{\n{indent}    {text}\n{indent}}}" if alone and "\n" not in text else f"unsafe {{ {text} }}"
        yield patch("put it into an `unsafe` block", 0.7, file.replace(parent, block))
        return
    place = Place(file.path, node.start_byte, node.end_byte)
    yield patch("put it into an `unsafe` block", 0.7, Change(place, f"unsafe {{ {file.text(place)} }}"))


def _function(site: Site, node: Node) -> Iterator[Patch]:
    """The function around it made `unsafe`."""
    function = enclosing_function(node)
    name = function.child_by_field_name("name") if function is not None else None
    if function is None or name is None or site.file.text(name) == "main":
        return
    word = next((child for child in function.children if child.type == "fn"), None)
    if word is not None:
        yield patch("make the function `unsafe`", 0.2, site.file.insert(word.start_byte, "unsafe "))


PLUGIN = Mend(
    codes=("E0133",),
    title="put an unsafe operation into an `unsafe` block, where that is asked for",
    cites=("docs:error_codes/E0133.html", "docs:book/ch20-01-unsafe-rust.html"),
    examples=(
        Example(
            "pub unsafe fn risky() -> u8 {\n    1\n}\n\npub fn call() -> u8 {\n    risky()\n}\n",
            "pub unsafe fn risky() -> u8 {\n    1\n}\n\npub fn call() -> u8 {\n    unsafe { risky() }\n}\n",
        ),
        Example(
            "static mut COUNT: u8 = 0;\n\npub fn add() {\n    COUNT += 1;\n}\n",
            "static mut COUNT: u8 = 0;\n\npub fn add() {\n    unsafe {\n        COUNT += 1;\n    }\n}\n",
        ),
        Example(
            'pub fn show(x: *const u8) {\n    println!("{}", *x);\n}\n',
            'pub fn show(x: *const u8) {\n    println!("{}", unsafe { *x });\n}\n',
        ),
    ),
    patches=_patches,
)
