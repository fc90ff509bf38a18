"""What each word of a metascript is, for colours that follow the meaning: declarations, references, functions, …"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from lsprotocol import types

from tars.lang import schema
from tars.lang.meaning.resolve import REFERABLE
from tars.lang.syntax import tree
from tars.lang.syntax.pieces import Piece
from tars.ui.lsp.background import Later, listed
from tars.ui.lsp.documents import Document, units

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL
LATER: Final = True
KINDS: Final = ("keyword", "class", "property", "variable", "function", "number", "namespace", "enumMember", "type")
OPTIONS: Final = types.SemanticTokensLegend([*KINDS], ["declaration"])
_KEYWORD, _CLASS, _PROPERTY, _VARIABLE, _FUNCTION, _NUMBER, _NAMESPACE, _WORD, _TYPE = range(len(KINDS))

Token = tuple[int, int, int, int]
"""Start, end, kind, and 1 for a declaration."""


def answer(server: "Server", params: types.SemanticTokensParams) -> Later | None:
    sight = server.desk.sight(params.text_document.uri)
    return Later(sight, _listed(), '{"data":[', "]}") if sight else None


def _listed() -> Callable[[Document, range], str]:
    last = Last(0, 0)

    def tokens(document: Document, numbers: range) -> str:
        nonlocal last
        data, last = encoded(document, numbers, last)
        return listed(data)

    return tokens


class Last(NamedTuple):
    """Where the token before begins."""

    line: int
    character: int


def encoded(document: Document, numbers: range, last: Last) -> tuple[list[int], Last]:
    """The tokens of pieces as five numbers each, lines and characters relative to the token before, and the last."""
    data: list[int] = []
    last_line, last_character = last
    for number in numbers:
        piece = document.pieces[number]
        for line, character, length, kind, declared in _tokens(piece, document.encoding):
            at = document.first_lines[number] + line
            data += (at - last_line, character - (last_character if at == last_line else 0), length, kind, declared)
            last_line, last_character = at, character
    return data, Last(last_line, last_character)


def _tokens(piece: Piece, encoding: str) -> list[tuple[int, int, int, int, int]]:
    known = piece.notes.get("tokens")
    if known is None:
        known = piece.notes["tokens"] = _placed(piece, encoding)
    assert isinstance(known, list)
    return known


def _placed(piece: Piece, encoding: str) -> list[tuple[int, int, int, int, int]]:
    found: list[Token] = []
    for item in piece.items:
        found += _of_item(item, piece)
    placed = []
    line = start_of_line = 0
    for start, end, kind, declared in sorted(found):
        start, end = start - piece.origin, end - piece.origin
        newline = piece.text.rfind("\n", 0, start)
        if newline >= start_of_line:
            line += piece.text.count("\n", start_of_line, newline + 1)
            start_of_line = newline + 1
        before = piece.text[start_of_line:start]
        placed.append((line, units(before, encoding), units(piece.text[start:end], encoding), kind, declared))
    return placed


def _of_item(item: tree.Attribute | tree.Block, piece: Piece) -> Iterator[Token]:
    if isinstance(item, tree.Attribute):
        yield item.start, item.start + len(item.name), _PROPERTY, 0
        yield from _of_value(item.value, piece)
        return
    yield item.start, item.start + len(item.type), _KEYWORD, 0
    for label in item.labels:
        if "\n" not in label.text:
            yield label.start, label.end, _CLASS, 1
    for inner in item.body.items:
        yield from _of_item(inner, piece)


def _of_value(node: object, piece: Piece) -> Iterator[Token]:
    if isinstance(node, tree.Name):
        known = node.name in ("var", "local", *REFERABLE) or schema.is_module(node.name)
        yield node.start, node.end, _NAMESPACE if known else _VARIABLE, 0
    elif isinstance(node, tree.GetAttribute):
        yield from _of_value(node.source, piece)
        kind = _CLASS if isinstance(node.source, tree.Name) else _PROPERTY
        if node.end > node.name_start:
            yield node.name_start, node.end, kind, 0
    elif isinstance(node, tree.Call):
        yield node.start, node.start + len(node.name), _FUNCTION, 0
        yield from _of_value(node.arguments, piece)
    elif isinstance(node, tree.Item):
        if isinstance(node.key, tree.Literal):
            if piece.text[node.key.start - piece.origin : node.key.start - piece.origin + 1] != '"':
                yield node.key.start, node.key.end, _PROPERTY, 0
        else:
            yield from _of_value(node.key, piece)
        yield from _of_value(node.value, piece)
    elif isinstance(node, tree.Literal):
        if isinstance(node.value, bool) or node.value is None:
            yield node.start, node.end, _WORD, 0
        elif not isinstance(node.value, str):
            yield node.start, node.end, _NUMBER, 0
    elif isinstance(node, tuple):
        for inner in node:
            yield from _of_value(inner, piece)
