"""Reads a text in pieces as a whole, in another thread than the one that edits it; `PieceText.take` takes it over."""

from collections.abc import Callable
from typing import NamedTuple

from tars.lang.syntax.parse import parse_balanced
from tars.lang.syntax.pieces import Piece, UnreadPiece, is_plain, split


class Reread(NamedTuple):
    """What a full parse of the pieces `of` has found: those that it reads alike are the same objects."""

    of: list[Piece]
    pieces: list[Piece]
    balanced: bool


def reread(pieces: list[Piece], path: str, is_stale: Callable[[], bool] = lambda: False) -> Reread:
    """A full parse of the pieces' text. Where its braces do not balance it is also found out which pieces are read
    alike without the rest, so that later edits need no full parse; that ends as soon as `is_stale` says so."""
    file, balanced = parse_balanced("".join([piece.text for piece in pieces]), path)
    made = split(file)
    if not any(isinstance(piece, UnreadPiece) for piece in pieces):
        first = _alike(pieces, made)
        last = _alike(pieces[first:][::-1], made[first:][::-1])
        made = [*pieces[:first], *made[first : len(made) - last], *pieces[len(pieces) - last :]]
    if not balanced:
        for number, piece in enumerate(made):
            if number % 100 == 0 and is_stale():
                break
            is_plain(piece)
    return Reread(pieces, made, balanced)


def _alike(old: list[Piece], new: list[Piece]) -> int:
    """With how many pieces both begin that are read alike. Findings are worded anew, so none with findings is kept."""
    pairs = enumerate(zip(old, new, strict=False))
    return next(
        (number for number, (one, other) in pairs if other.diagnostics or not one.is_like(other)),
        min(len(old), len(new)),
    )
