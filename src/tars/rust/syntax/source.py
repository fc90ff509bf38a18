"""A Rust source file with its syntax tree: the few questions that rules ask of it."""

import re
from collections.abc import Iterator
from functools import cached_property

from tree_sitter import Language, Node, Parser, Tree

from tars.rust.values import Change, Place

FUNCTIONS = frozenset({"function_item", "closure_expression"})


class SourceFile:
    """The bytes of one file and, once asked for, its tree. Immutable: `changed` makes another."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self._walked: dict[tuple[str, ...], tuple[Node, ...]] = {}

    @cached_property
    def tree(self) -> Tree:
        """The syntax tree; tree-sitter never fails, what it cannot read are `ERROR` and missing nodes."""
        return parser().parse(self.data)

    @property
    def root(self) -> Node:
        return self.tree.root_node

    def text(self, of: Place | Node) -> str:
        """The text of a place or a node; bytes that are no UTF-8 are replaced."""
        start, end = (of.start, of.end) if isinstance(of, Place) else (of.start_byte, of.end_byte)
        return self.data[start:end].decode("utf-8", "replace")

    def place(self, node: Node) -> Place:
        return Place(self.path, node.start_byte, node.end_byte)

    def node_at(self, place: Place) -> Node:
        """The smallest node that covers the place."""
        return self.root.descendant_for_byte_range(place.start, max(place.end, place.start)) or self.root

    def node_of(self, place: Place, *kinds: str) -> Node | None:
        """The smallest node of one of these kinds that covers the place."""
        node: Node | None = self.node_at(place)
        while node is not None and node.type not in kinds:
            node = node.parent
        return node

    def exactly(self, place: Place) -> Node | None:
        """The outermost node that has exactly this place."""
        node: Node | None = self.node_at(place)
        if node is None or (node.start_byte, node.end_byte) != (place.start, place.end):
            return None
        while node.parent is not None and (node.parent.start_byte, node.parent.end_byte) == (place.start, place.end):
            node = node.parent
        return node

    def statement(self, place: Place) -> Node | None:
        """The statement (or tail expression) of a block that holds the place."""
        node: Node | None = self.node_at(place)
        while node is not None and (node.parent is None or node.parent.type != "block"):
            node = node.parent
        return node

    def walk(self, *kinds: str, within: Node | None = None) -> Iterator[Node]:
        """Every node of these kinds, in the order of the text."""
        if within is not None:
            return self._walk(within, kinds)
        if kinds not in self._walked:
            # Rules ask for the same kinds of every error.
            self._walked[kinds] = tuple(self._walk(self.root, kinds))
        return iter(self._walked[kinds])

    def _walk(self, within: Node, kinds: tuple[str, ...]) -> Iterator[Node]:
        stack = [within]
        while stack:
            node = stack.pop()
            if node.type in kinds:
                yield node
            stack.extend(reversed(node.children))

    def indent(self, offset: int) -> str:
        """The blanks that the line of this byte begins with."""
        start = self.data.rfind(b"\n", 0, offset) + 1
        end = start
        while end < len(self.data) and self.data[end : end + 1] in (b" ", b"\t"):
            end += 1
        return self.data[start:end].decode()

    def line_start(self, offset: int) -> int:
        return self.data.rfind(b"\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of this byte ends, its line break left out."""
        end = self.data.find(b"\n", offset)
        return len(self.data) if end < 0 else end

    # Changes, for rules: `file.insert(node.start_byte, "&")`.

    def insert(self, offset: int, text: str) -> Change:
        return Change(Place(self.path, offset, offset), text)

    def replace(self, of: Place | Node, text: str) -> Change:
        return Change(of if isinstance(of, Place) else self.place(of), text)

    def delete(self, of: Place | Node) -> Change:
        return self.replace(of, "")

    def insert_use(self, path: str, near: Place | None = None) -> Change:
        """`use PATH;` beside the other imports of the module that holds `near` (the file's own without it)."""
        scope = (self.node_of(near, "mod_item") if near else None) or self.root
        body = scope.child_by_field_name("body") or scope
        uses = [child for child in body.children if child.type == "use_declaration"]
        if uses:
            start = _with_attributes(uses[0]).start_byte
            return self.insert(start, f"use {path};\n{self.indent(start)}")
        skipped = {"inner_attribute_item", "line_comment", "block_comment", "shebang", "{", "extern_crate_declaration"}
        first = next((child for child in body.children if child.type not in skipped), None)
        if first is None or first.type == "}":
            return self.insert(body.start_byte + 1 if scope is not self.root else len(self.data), f"\nuse {path};\n")
        before = _with_attributes(first)
        return self.insert(before.start_byte, f"use {path};\n\n{self.indent(before.start_byte)}")

    def changed(self, changes: tuple[Change, ...]) -> "SourceFile":
        """The file with the changes of its own path applied. Raises `ValueError` where they overlap or leave it."""
        return SourceFile(self.path, apply_changes(self.data, (one for one in changes if one.place.path == self.path)))


def apply_changes(data: bytes, changes: Iterator[Change]) -> bytes:
    """The bytes with every change applied; insertions at one offset stay in their order. In a file whose lines end with
    `\\r\\n`, those of the changes do too.

    Raises `ValueError` where two changes overlap or one leaves the data.
    """
    parts: list[bytes] = []
    at = 0
    windows = has_windows_lines(data)
    for change in sorted(changes, key=lambda one: (one.place.start, one.place.end)):
        if change.place.start < at or change.place.end > len(data) or change.place.start > change.place.end:
            raise ValueError(f"changes of {change.place.path} overlap or leave it at byte {change.place.start}")
        text = with_windows_lines(change.text) if windows else change.text
        parts += (data[at : change.place.start], text.encode())
        at = change.place.end
    return b"".join((*parts, data[at:]))


def has_windows_lines(data: bytes) -> bool:
    """Whether its lines end with `\\r\\n`."""
    return data.count(b"\r\n") * 2 > data.count(b"\n")


def with_windows_lines(text: str) -> str:
    """The text with its lines ended by `\\r\\n`."""
    return re.sub(r"(?<!\r)\n", "\r\n", text)


def _with_attributes(node: Node) -> Node:
    """The first of the attributes and comments that stand directly above an item, or the item."""
    first = node
    while (before := first.prev_named_sibling) is not None and before.type == "attribute_item":
        first = before
    return first


_PARSERS: list[Parser] = []


def parser() -> Parser:
    if not _PARSERS:
        import tree_sitter_rust  # noqa: PLC0415  (a shared library, loaded where it is used)

        _PARSERS.append(Parser(Language(tree_sitter_rust.language())))
    return _PARSERS[0]
