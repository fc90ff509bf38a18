"""Writes the metascript in its canonical form: as `tarscli fmt` does, and like it not where there are syntax errors."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.core.errors import InputError
from tars.lang.forms.format import format_text
from tars.ui.lsp.convert import range_of

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_FORMATTING


def answer(server: "Server", params: types.DocumentFormattingParams) -> list[types.TextEdit]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    text = sight.document.text
    try:
        formatted = format_text(text, sight.path)
    except InputError:
        return []
    if formatted == text:
        return []
    start, old_end, new_end = differing(text, formatted)
    return [types.TextEdit(range_of(sight.document, start, old_end), formatted[start:new_end])]


def differing(old: str, new: str) -> tuple[int, int, int]:
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
