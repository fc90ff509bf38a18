"""Writes the metascript in its canonical form: as `tarscli fmt` does, and like it not where there are syntax errors."""

from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types

from tars.lang.forms.piecewise import in_its_place, units
from tars.lang.syntax.reread import reread
from tars.ui.lsp.background import Later, listed
from tars.ui.lsp.convert import range_of
from tars.ui.lsp.documents import Document

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_FORMATTING
LATER: Final = True


def answer(server: "Server", params: types.DocumentFormattingParams) -> Later | None:
    sight = server.desk.sight(params.text_document.uri)
    return Later(sight, _edits) if sight else None


def _edits(document: Document, numbers: range) -> str:
    if not document.exact:  # seldom: what its pieces look like from near is not sure to be what they are
        if numbers.start:
            return ""
        document = document.still()
        document.take(reread(document.pieces, document.path))
        numbers = range(len(document.pieces))
    pieces = document.pieces
    if any(piece.diagnostics for piece in pieces):
        return ""
    return listed(
        _plain(edit)
        for unit in units(pieces, numbers)
        for edit in edits(document, document.starts[unit[0]], _text(document, unit), in_its_place(pieces, unit))
    )


def _plain(edit: types.TextEdit) -> dict[str, Any]:
    places = {"start": edit.range.start, "end": edit.range.end}
    at = {name: {"line": place.line, "character": place.character} for name, place in places.items()}
    return {"range": at, "newText": edit.new_text}


def _text(document: Document, unit: range) -> str:
    return "".join([document.pieces[number].text for number in unit])


def edits(document: Document, base: int, old: str, new: str) -> list[types.TextEdit]:
    """The edit of the protocol that makes `new` of `old`, which begins at the offset `base`; none where they are equal.

    It leaves alone the lines at both ends that stay: what an editor has marked there stays marked.
    """
    if old == new:
        return []
    start, old_end, new_end = _differing(old, new)
    return [types.TextEdit(range_of(document, base + start, base + old_end), new[start:new_end])]


def _differing(old: str, new: str) -> tuple[int, int, int]:
    """The part in which two texts differ: where it begins, and where it ends in each; whole lines."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    most = min(len(before), len(after)) - first
    while last < most and before[len(before) - 1 - last] == after[len(after) - 1 - last]:
        last += 1
    start = sum(map(len, before[:first]))
    tail = sum(map(len, before[len(before) - last :])) if last else 0
    return start, len(old) - tail, len(new) - tail
