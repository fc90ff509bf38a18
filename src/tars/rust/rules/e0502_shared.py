"""Mends a mutable loan that changes nothing: a shared one will do, and those may be many."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import loan_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    loan = loan_of(site)
    if loan is None:
        return
    found = [_shared(site.file, place) for place in (loan.first, loan.conflict)]
    changes = tuple(one for one in found if one is not None)
    if changes:
        yield patch("borrow without `mut`", 0.45, *changes)
        if len(changes) == 2:
            yield patch("borrow without `mut`", 0.2, changes[0])


def _shared(file: SourceFile, place: Place) -> Change | None:
    node: Node = file.exactly(place) or file.node_at(place)
    if node.type != "reference_expression" or node.parent is None or node.parent.type != "let_declaration":
        return None
    word = next((child for child in node.children if child.type == "mutable_specifier"), None)
    value = node.child_by_field_name("value")
    if word is None or value is None:
        return None
    return file.delete(Place(file.path, word.start_byte, value.start_byte))


PLUGIN = Mend(
    codes=("E0499", "E0502"),
    title="borrow without `mut` where nothing is changed",
    cites=("docs:error_codes/E0499.html", "docs:book/ch04-02-references-and-borrowing.html"),
    examples=(
        Example(
            "pub fn show(mut text: String) {\n    let a = &mut text;\n    let b = &mut text;\n"
            '    println!("{a} {b}");\n}\n',
            'pub fn show(mut text: String) {\n    let a = &text;\n    let b = &text;\n    println!("{a} {b}");\n}\n',
        ),
        Example(
            "pub fn show(mut text: String) {\n    let a = &text;\n    let b = &mut text;\n"
            '    println!("{a} {b}");\n}\n',
            'pub fn show(mut text: String) {\n    let a = &text;\n    let b = &text;\n    println!("{a} {b}");\n}\n',
        ),
    ),
    patches=_patches,
)
