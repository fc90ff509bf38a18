"""The symbols of source code and the lines that each takes, as tree-sitter's grammars see them."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

LANGUAGES: Final = {
    ".py": "python", ".pyi": "python", ".rs": "rust", ".go": "go", ".js": "javascript", ".mjs": "javascript",
    ".cjs": "javascript", ".jsx": "javascript", ".ts": "typescript", ".mts": "typescript", ".tsx": "tsx",
}  # fmt: skip
"""The language of a file by its suffix."""
_GRAMMARS: Final = {
    "python": ("tree_sitter_python", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "go": ("tree_sitter_go", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
}
_DEFINITIONS: Final = frozenset((
    "function_definition", "class_definition", "decorated_definition", "function_item", "struct_item", "enum_item",
    "union_item", "impl_item", "trait_item", "mod_item", "macro_definition", "function_declaration",
    "generator_function_declaration", "class_declaration", "abstract_class_declaration", "method_definition",
    "method_declaration", "type_declaration", "interface_declaration", "type_alias_declaration", "enum_declaration",
    "export_statement", "internal_module",
))  # fmt: skip
_BEFORE: Final = frozenset(("comment", "line_comment", "block_comment", "attribute_item", "decorator"))
"""What stands before a definition and belongs to it."""
_DIVIDED_LINES: Final = 40
"""A longer definition that holds others is divided into them."""
_DEPTH_MAX: Final = 6

Found = tuple[str, int, int]


def symbols(language: str, text: str, lines: int) -> list[Found]:
    """Name, first and last line (from 1) of each definition and of what stands between them, in order, without
    overlap; one section of all `lines` where the grammar is not installed."""
    parser = _parser(language)
    if parser is None:
        return [("", 1, lines)]
    root = parser.parse(text.encode("utf-8", "surrogatepass")).root_node
    return list(_filled(list(_definitions(root, "", 0)), lines))


@cache
def _parser(language: str) -> "Parser | None":
    from tree_sitter import Language, Parser  # noqa: PLC0415 - needed only where code is read

    module, function = _GRAMMARS[language]
    try:
        grammar = getattr(import_module(module), function)()
    except ImportError:
        return None
    return Parser(Language(grammar))


def _definitions(node: "Node", prefix: str, depth: int) -> Iterator[Found]:
    start: int | None = None
    for child in node.named_children:
        if child.type in _BEFORE:
            # A comment at the end of another line belongs to that line.
            alone = child.prev_sibling is None or child.prev_sibling.end_point[0] < child.start_point[0]
            start = child.start_point[0] + 1 if start is None and alone else start
            continue
        if child.type in _DEFINITIONS:
            first = start or child.start_point[0] + 1
            yield from _definition(child, first, prefix, depth)
        start = None


def _definition(node: "Node", first: int, prefix: str, depth: int) -> Iterator[Found]:
    name = _name(node)
    title = f"{prefix}.{name}" if prefix and name else name or prefix
    last = node.end_point[0] + 1
    body = _body(node)
    inner: list[Found] = []
    if body is not None and last - first >= _DIVIDED_LINES and depth < _DEPTH_MAX:
        inner = list(_definitions(body, title, depth + 1))
    if not inner:
        yield title, first, last
        return
    at = first
    for found in inner:
        if found[1] > at:
            yield title, at, found[1] - 1
        yield found
        at = found[2] + 1
    if at <= last:
        yield title, at, last


def _body(node: "Node") -> "Node | None":
    """The body of a definition that may hold others; a function's inner functions are its own affair."""
    inner = _defined(node)
    if inner.type in ("function_definition", "function_item", "function_declaration", "method_definition"):
        return None
    return inner.child_by_field_name("body")


def _name(node: "Node") -> str:
    inner = _defined(node)
    for field in ("name", "type", "declaration"):
        found = inner.child_by_field_name(field)
        if found is not None and found.text is not None:
            if field == "declaration":
                return _name(found)
            return found.text.decode("utf-8", "replace").split("\n")[0][:200]
    named = next((child for child in inner.named_children if child.child_by_field_name("name")), None)
    return _name(named) if named is not None else ""


def _defined(node: "Node") -> "Node":
    """What a decorated or exported definition defines."""
    inner = node.child_by_field_name("definition") or node.child_by_field_name("declaration")
    return inner if inner is not None else node


def _filled(found: list[Found], lines: int) -> Iterator[Found]:
    """The definitions and, without a name, what stands between them; one that begins on the last line of another is
    part of it."""
    at = 1
    for title, first, last in found:
        if last < at:
            continue
        if first > at:
            yield "", at, first - 1
        yield title, max(first, at), last
        at = last + 1
    if at <= lines:
        yield "", at, lines
