"""Formats the statements that a selection touches, each as a whole; those with syntax errors stay as they are."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.core.errors import InputError
from tars.lang.forms.format import format_text
from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.desk import Sight

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_RANGE_FORMATTING


def answer(server: "Server", params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    document = sight.document
    start, end = offset_of(sight, params.range.start), offset_of(sight, params.range.end)
    numbers = range(document.piece_at(start), document.piece_at(max(start, end - 1)) + 1)
    return [edit for number in numbers for edit in formatted_piece(sight, number)]


def formatted_piece(sight: Sight, number: int) -> list[types.TextEdit]:
    """What formats the statement in the piece of that number; nothing where it has a syntax error."""
    document = sight.document
    piece = document.pieces[number]
    body = piece.text.rstrip("\r\n \t")
    lead = len(piece.text) - len(piece.text.lstrip("\r\n \t"))
    if piece.diagnostics or not body.strip():
        return []
    try:
        formatted = format_text(body[lead:] + "\n", sight.path).rstrip("\n")
    except InputError:
        return []
    if formatted == body[lead:]:
        return []
    base = document.starts[number]
    return [types.TextEdit(range_of(document, base + lead, base + len(body)), formatted)]
