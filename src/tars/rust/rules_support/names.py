"""Names in code: where one is written, how it is replaced, and new ones that nothing else has."""

import re
from collections.abc import Collection, Iterator, Sequence

from tree_sitter import Node

from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

_NAMES = frozenset({"identifier", "type_identifier", "shorthand_field_identifier"})


def mentions(file: SourceFile, within: Node, name: str) -> list[Place]:
    """Where a name is written, in macros' arguments and `{name}` in format strings too; fields and paths' later
    segments are other names."""
    found: list[Place] = []
    for node in file.walk(*_NAMES, "string_content", "lifetime", within=within):
        if node.type == "string_content":
            found += _formatted(file, node, name)
        elif file.text(node) == name and not _is_segment(node):
            found.append(file.place(node))
    return found


def replaced(file: SourceFile, places: Sequence[Place], name: str) -> list[Change]:
    """The name written at these places instead; `Point { x }` becomes `Point { x: name }`."""
    changes = []
    for place in places:
        node = file.node_at(place)
        parent = node.parent
        short = node.type == "shorthand_field_identifier" or (
            parent is not None and parent.type == "shorthand_field_initializer"
        )
        changes.append(file.replace(place, f"{file.text(place)}: {name}" if short else name))
    return changes


def fresh(name: str, taken: Collection[str]) -> str:
    """A name like this one that is not taken: of a letter the next one, else with a number."""
    quote = "'" if name.startswith("'") else ""
    bare = name.removeprefix("'")
    if len(bare) == 1 and bare.isalpha():
        first = ord("A") if bare.isupper() else ord("a")
        letters = [chr(first + (ord(bare) - first + step) % 26) for step in range(1, 26)]
        free = next((letter for letter in letters if quote + letter not in taken), "")
        if free:
            return quote + free
    number = 2
    while f"{quote}{bare}{number}" in taken or f"{quote}{bare}_{number}" in taken:
        number += 1
    return f"{quote}{bare}{number}" if not bare[-1:].isdigit() else f"{quote}{bare}_{number}"


def written(file: SourceFile, within: Node) -> set[str]:
    """All names, lifetimes too, that a part of a file writes."""
    return {file.text(node) for node in file.walk(*_NAMES, "lifetime", within=within)}


def snake(name: str) -> str:
    """`HttpServer` as `http_server`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def camel(name: str) -> str:
    """`http_server` as `HttpServer`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def constant(name: str) -> str:
    """`max_size` as `MAX_SIZE`."""
    return snake(name).upper()


def _formatted(file: SourceFile, node: Node, name: str) -> Iterator[Place]:
    if not any(one.type == "token_tree" or _is_macro(file, one) for one in _around(node)):
        return
    for one in re.finditer(
        rb"(?<!\{)\{(" + re.escape(name).encode() + rb")[:}]", file.data[node.start_byte : node.end_byte]
    ):
        yield Place(file.path, node.start_byte + one.start(1), node.start_byte + one.end(1))


def _is_macro(file: SourceFile, node: Node) -> bool:
    """Whether a call is really a macro's, as opened files have them."""
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    return function is not None and file.text(function).endswith("!")


def _is_segment(node: Node) -> bool:
    """Whether it is a later segment of a path, a method's or a field's name."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type in ("scoped_identifier", "scoped_type_identifier"):
        first = parent.child_by_field_name("path")
        return first is not None and first.id != node.id
    before = node.prev_sibling
    return parent.type == "token_tree" and before is not None and before.type in (".", "::")


def _around(node: Node) -> Iterator[Node]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent
