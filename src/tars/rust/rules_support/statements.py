"""Statements of a block: which share one, what they mention and bind, and how one is moved past another."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import ancestors
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

_NAMES = ("identifier", "self", "shorthand_field_identifier", "shorthand_field_initializer")
_TEXTS = ("string_literal", "raw_string_literal")


def path_of_blocks(file: SourceFile, place: Place) -> list[tuple[Node, Node]]:
    """Each block around a place with its statement that holds the place, the innermost first."""
    node: Node | None = file.node_at(place)
    found: list[tuple[Node, Node]] = []
    while node is not None and node.parent is not None:
        if node.parent.type == "block":
            found.append((node.parent, node))
        node = node.parent
    return found


def siblings(file: SourceFile, *places: Place) -> list[Node] | None:
    """The statements of the innermost block that holds all places, one for each place; None where there is none."""
    paths = [path_of_blocks(file, place) for place in places]
    for block, _ in paths[0]:
        found = [next((one for around, one in path if around.id == block.id), None) for path in paths]
        if all(one is not None for one in found):
            return [one for one in found if one is not None]
    return None


def statements(block: Node) -> list[Node]:
    """The statements of a block, its last expression among them."""
    return [child for child in block.named_children if child.type not in ("line_comment", "block_comment")]


def index_in(nodes: list[Node], node: Node) -> int:
    return next(number for number, one in enumerate(nodes) if one.id == node.id)


def mentions(file: SourceFile, node: Node, name: str) -> bool:
    """Whether a name stands in a node: as a word, also within a macro, or in braces in a text."""
    return next(uses(file, node, name), None) is not None


def uses(file: SourceFile, node: Node, name: str) -> Iterator[Node]:
    """The nodes where a name stands in a node, in their order; a text that names it in braces is one."""
    in_text = re.compile(rf"\{{{re.escape(name)}[:}}]")
    for one in file.walk(*_NAMES, *_TEXTS, within=node):
        if one.type in _TEXTS:
            if in_text.search(file.text(one)):
                yield one
        elif file.text(one) == name:
            yield one


def bound_names(file: SourceFile, statement: Node) -> list[str]:
    """The names that a `let` statement binds."""
    pattern = statement.child_by_field_name("pattern") if statement.type == "let_declaration" else None
    if pattern is None:
        return []
    return [file.text(one) for one in file.walk("identifier", "shorthand_field_identifier", within=pattern)
            if one.parent is None or one.parent.child_by_field_name("type") != one]  # fmt: skip


def declaration(file: SourceFile, name: str, near: Place) -> Node | None:
    """The `let` statement that binds a name which is used at a place: the last one before it in the blocks around."""
    for block, statement in path_of_blocks(file, near):
        before = [one for one in statements(block) if one.end_byte <= statement.start_byte]
        for one in reversed(before):
            if name in bound_names(file, one):
                return one
    return None


def parameter_of(file: SourceFile, name: str, near: Node) -> Node | None:
    """The parameter of that name of the function around a node."""
    for around in ancestors(near):
        if around.type in ("function_item", "closure_expression"):
            parameters = around.child_by_field_name("parameters")
            for one in parameters.named_children if parameters else ():
                pattern = one.child_by_field_name("pattern") if one.type == "parameter" else one
                if pattern is not None and file.text(pattern) == name:
                    return one
            if around.type == "function_item":
                return None
    return None


def line_place(file: SourceFile, node: Node) -> Place:
    """The whole lines of a statement with their line break, where nothing else stands on them, else the statement."""
    start, end = file.line_start(node.start_byte), file.line_end(node.end_byte)
    before, after = file.data[start : node.start_byte], file.data[node.end_byte : end].strip()
    if before.strip() or (after and not after.startswith(b"//")):
        return Place(file.path, node.start_byte, node.end_byte)
    return Place(file.path, start, min(end + 1, len(file.data)))


def moved_after(file: SourceFile, statement: Node, target: Node) -> tuple[Change, ...]:
    """A statement taken from its place and put behind another of its block."""
    from_ = line_place(file, statement)
    to = line_place(file, target)
    text = file.text(from_)
    if from_.end > statement.end_byte and to.end > target.end_byte:
        text = text if text.endswith("\n") else f"{text}\n"
        return file.delete(from_), file.insert(to.end, text)
    here = file.text(statement)
    return _cut(file, statement), file.insert(target.end_byte, f"{_gap(file, target)}{here}")


def moved_before(file: SourceFile, statement: Node, target: Node) -> tuple[Change, ...]:
    """A statement taken from its place and put before another one, with that one's indentation."""
    to = file.line_start(target.start_byte)
    text = file.text(statement)
    cut = file.delete(line_place(file, statement))
    if cut.place.end == statement.end_byte:
        cut = _cut(file, statement)
    if file.data[to : target.start_byte].strip():
        return file.insert(target.start_byte, f"{text} "), cut
    return file.insert(to, f"{file.indent(target.start_byte)}{text}\n"), cut


def put_before(file: SourceFile, statement: Node, text: str) -> Change:
    """A new statement before one, on a line of its own where that one begins its line."""
    start = file.line_start(statement.start_byte)
    if file.data[start : statement.start_byte].strip():
        return file.insert(statement.start_byte, f"{text} ")
    return file.insert(statement.start_byte, f"{text}\n{file.indent(statement.start_byte)}")


def _cut(file: SourceFile, statement: Node) -> Change:
    end = statement.end_byte
    while file.data[end : end + 1] in (b" ", b"\t"):
        end += 1
    return file.delete(Place(file.path, statement.start_byte, end))


def _gap(file: SourceFile, target: Node) -> str:
    return " " if file.line_start(target.start_byte) != target.start_byte else ""


def free_name(file: SourceFile, node: Node, *wanted: str) -> str:
    """The first of the names that does not stand in the function around a node; the last, numbered, where all do."""
    around = next((one for one in ancestors(node) if one.type == "function_item"), file.root)
    taken = {file.text(one) for one in file.walk("identifier", within=around)}
    for name in wanted:
        if name not in taken:
            return name
    number = 2
    while f"{wanted[-1]}{number}" in taken:
        number += 1
    return f"{wanted[-1]}{number}"
