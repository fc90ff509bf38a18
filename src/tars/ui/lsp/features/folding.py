"""What can be folded: blocks, objects and lists over several lines, and runs of comments."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang.syntax import tree
from tars.lang.syntax.pieces import Piece
from tars.ui.lsp.background import Later, listed
from tars.ui.lsp.documents import Document

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_FOLDING_RANGE
LATER: Final = True


def answer(server: "Server", params: types.FoldingRangeParams) -> Later | None:
    sight = server.desk.sight(params.text_document.uri)
    return Later(sight, _ranges) if sight else None


def _ranges(document: Document, numbers: range) -> str:
    return listed(
        {"startLine": line + start, "endLine": line + end, "kind": "comment" if is_comment else "region"}
        for number in numbers
        for line in (document.first_lines[number],)
        for start, end, is_comment in _folds(document.pieces[number])
    )


def _folds(piece: Piece) -> list[tuple[int, int, bool]]:
    known = piece.notes.get("folds")
    if known is None:
        lines = [*_nodes(piece, piece.items)]
        known = piece.notes["folds"] = [*dict.fromkeys(lines), *_comments(piece)]
    assert isinstance(known, list)
    return known


def _nodes(piece: Piece, nodes: object) -> Iterator[tuple[int, int, bool]]:
    if not isinstance(nodes, tuple):
        return
    if isinstance(nodes, tree.Block | tree.Object | tree.Tuple):
        first = piece.text.count("\n", 0, nodes.start - piece.origin)
        last = piece.text.count("\n", 0, nodes.end - piece.origin)
        if last > first + 1:
            yield first, last - 1, False
    for inner in nodes:
        yield from _nodes(piece, inner)


def _comments(piece: Piece) -> Iterator[tuple[int, int, bool]]:
    """Runs of lines that are comments, of at least two."""
    begun = -1
    lines = piece.text.split("\n")
    for number, line in enumerate([*lines, ""]):
        is_comment = line.lstrip().startswith(("#", "//"))
        if is_comment and begun < 0:
            begun = number
        elif not is_comment and begun >= 0:
            if number - 1 > begun:
                yield begun, number - 1, True
            begun = -1
