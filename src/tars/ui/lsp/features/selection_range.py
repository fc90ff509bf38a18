"""What a selection grows to, step by step: the word, the value, the attribute, the block, the file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang.syntax import tree
from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.desk import Sight

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_SELECTION_RANGE


def answer(server: "Server", params: types.SelectionRangeParams) -> list[types.SelectionRange]:
    sight = server.desk.sight(params.text_document.uri)
    return [_grown(sight, offset_of(sight, position)) for position in params.positions] if sight else []


def _grown(sight: Sight, offset: int) -> types.SelectionRange:
    document = sight.document
    number = document.piece_at(offset)
    piece = document.pieces[number]
    by = document.starts[number] - piece.origin
    spans = [(0, document.starts[-1])]
    for start, end in _around(piece.items, offset - by):
        quoted = piece.text[start - piece.origin : start - piece.origin + 1] == '"'
        spans.append((start + by, end + by))
        if quoted and start + by < offset < end + by:
            spans.append((start + by + 1, end + by - 1))
    spans.append(_word(document.line_text(document.place(offset).line), offset - _line_start(sight, offset), offset))
    grown = types.SelectionRange(range_of(document, *spans[0]))
    last = spans[0]
    for span in spans[1:]:
        if last[0] <= span[0] <= span[1] <= last[1] and span != last:
            grown, last = types.SelectionRange(range_of(document, *span), grown), span
    return grown


def _around(node: object, offset: int) -> Iterator[tuple[int, int]]:
    """The nodes around an offset, outermost first."""
    if not isinstance(node, tuple):
        return
    if hasattr(node, "start"):
        start, end = node.start, node.end  # type: ignore[attr-defined]
        if not start <= offset <= end:
            return
        yield start, end
        if isinstance(node, tree.Attribute) and offset <= start + len(node.name):
            yield start, start + len(node.name)
            return
    for inner in node:
        if isinstance(inner, tuple):
            found = [*_around(inner, offset)]
            if found:
                yield from found
                return


def _line_start(sight: Sight, offset: int) -> int:
    return sight.document.offset(sight.document.place(offset).line, 0)


def _word(line: str, at: int, offset: int) -> tuple[int, int]:
    first = last = min(at, len(line))
    while first > 0 and (line[first - 1].isalnum() or line[first - 1] in "_-"):
        first -= 1
    while last < len(line) and (line[last].isalnum() or line[last] in "_-"):
        last += 1
    return offset - at + first, offset - at + last
