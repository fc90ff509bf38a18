"""Formats the statements that a selection touches, each as a whole; those with syntax errors stay as they are."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.core.errors import InputError
from tars.lang.forms.format import format_text
from tars.ui.lsp.convert import offset_of, range_of

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_RANGE_FORMATTING


def answer(server: "Server", params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    document = sight.document
    start, end = offset_of(sight, params.range.start), offset_of(sight, params.range.end)
    edits = []
    for number in range(document.piece_at(start), document.piece_at(max(start, end - 1)) + 1):
        piece = document.pieces[number]
        body = piece.text.rstrip("\r\n \t")
        lead = len(piece.text) - len(piece.text.lstrip("\r\n \t"))
        if piece.diagnostics or not body.strip():
            continue
        try:
            formatted = format_text(body[lead:] + "\n", sight.path).rstrip("\n")
        except InputError:
            continue
        if formatted != body[lead:]:
            base = document.starts[number]
            edits.append(types.TextEdit(range_of(document, base + lead, base + len(body)), formatted))
    return edits
