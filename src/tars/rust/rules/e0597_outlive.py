"""Mends a value that is dropped before the last use of what borrows it: it is declared further out, or earlier."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import (
    bound_names,
    declaration,
    mentions,
    moved_before,
    path_of_blocks,
    siblings,
)
from tars.rust.values import Example, Patch, Place

_DROPPED = re.compile(r"when `(\w+)` is dropped")
_LOOPS = ("for_expression", "while_expression", "loop_expression", "closure_expression")


def _patches(site: Site) -> Iterator[Patch]:
    declared = site.label("declared here")
    named = re.match(r"`(\w+)`", site.diagnostic.message)
    if declared is None or named is None or declared.place.path != site.file.path:
        return
    statement = _let_of(site, declared.place, named[1])
    later = site.label("later used here")
    if statement is None:
        return
    if later is not None:
        found = siblings(site.file, declared.place, later.place)
        if found and found[0].id != statement.id and _may_leave(site, statement, found[0]):
            yield patch("declare it before what borrows it longer", 0.75, *moved_before(site.file, statement, found[0]))
    dropped = next((one for label in site.diagnostic.labels if (one := _DROPPED.search(label.text))), None)
    holder = declaration(site.file, dropped[1], declared.place) if dropped else None
    if holder is not None and holder.parent == statement.parent and _may_leave(site, statement, holder):
        yield patch("declare it first: it is dropped last", 0.75, *moved_before(site.file, statement, holder))


def _let_of(site: Site, place: Place, name: str) -> Node | None:
    """The `let` that binds the name at its own declaration."""
    for _, statement in path_of_blocks(site.file, place):
        return statement if name in bound_names(site.file, statement) else None
    return None


def _may_leave(site: Site, statement: Node, target: Node) -> bool:
    """Whether a declaration may go before `target`: it needs nothing that is bound after it, and leaves no loop."""
    block = statement.parent
    while block is not None and block.id != target.id and block != target.parent:
        if block.type in _LOOPS:
            return False
        block = block.parent
    for name in _bound_from(site, target, statement):
        value = statement.child_by_field_name("value")
        if value is not None and mentions(site.file, value, name):
            return False
    return True


def _bound_from(site: Site, target: Node, statement: Node) -> Iterator[str]:
    """The names that are bound from `target` on, before the statement."""
    for one in site.file.walk("let_declaration", within=target.parent):
        if target.start_byte <= one.start_byte < statement.start_byte:
            yield from bound_names(site.file, one)


PLUGIN = Mend(
    codes=("E0597",),
    title="declare a value before what borrows it",
    cites=("docs:error_codes/E0597.html", "docs:book/ch10-03-lifetime-syntax.html"),
    examples=(
        Example(
            "pub fn show() {\n    let seen;\n    {\n        let x = 5;\n        seen = &x;\n    }\n"
            '    println!("{seen}");\n}\n',
            "pub fn show() {\n    let seen;\n    let x = 5;\n    {\n        seen = &x;\n    }\n"
            '    println!("{seen}");\n}\n',
        ),
        Example(
            "pub struct Held<'a>(&'a u8);\n\nimpl Drop for Held<'_> {\n    fn drop(&mut self) {}\n}\n\n"
            "pub fn hold() {\n    let mut held = Held(&0);\n    let x = 5;\n    held.0 = &x;\n}\n",
            "pub struct Held<'a>(&'a u8);\n\nimpl Drop for Held<'_> {\n    fn drop(&mut self) {}\n}\n\n"
            "pub fn hold() {\n    let x = 5;\n    let mut held = Held(&0);\n    held.0 = &x;\n}\n",
        ),
    ),
    patches=_patches,
)
