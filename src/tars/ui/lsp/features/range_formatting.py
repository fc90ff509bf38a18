"""Formats the statements that a selection touches, each as a whole; those with syntax errors stay as they are."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.core.errors import InputError
from tars.lang.forms.piecewise import formatted, unit_of, units
from tars.ui.lsp.convert import offset_of
from tars.ui.lsp.documents import Document
from tars.ui.lsp.features.formatting import edits

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_RANGE_FORMATTING


def answer(server: "Server", params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    document = sight.document
    start, end = offset_of(sight, params.range.start), offset_of(sight, params.range.end)
    first = unit_of(document.pieces, document.piece_at(start))[0]
    touched = units(document.pieces, range(first, document.piece_at(max(start, end - 1)) + 1))
    return [edit for unit in touched for edit in formatted_unit(document, unit)]


def formatted_unit(document: Document, unit: range) -> list[types.TextEdit]:
    """What formats the statements of a unit, without what is around them; nothing where one has a syntax error."""
    pieces = [document.pieces[number] for number in unit]
    text = "".join([piece.text for piece in pieces])
    body = text.strip("\r\n \t")
    if not body or any(piece.diagnostics for piece in pieces):
        return []
    try:
        wanted = formatted(document.pieces, unit).rstrip("\n")
    except InputError:  # in a text that is not read yet, and that something before it breaks
        return []
    return edits(document, document.starts[unit[0]] + text.index(body), body, wanted)
