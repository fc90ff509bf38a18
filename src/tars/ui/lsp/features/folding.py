"""What can be folded: blocks, objects and lists over several lines, and runs of comments."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang.syntax import tree
from tars.lang.syntax.pieces import Piece

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_FOLDING_RANGE


def answer(server: "Server", params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    found = []
    for piece, line in zip(sight.document.pieces, sight.document.first_lines, strict=False):
        for start, end, is_comment in _folds(piece):
            kind = types.FoldingRangeKind.Comment if is_comment else types.FoldingRangeKind.Region
            found.append(types.FoldingRange(line + start, line + end, kind=kind))
    return found


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
