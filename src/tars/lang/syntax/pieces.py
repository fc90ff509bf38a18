"""A text in pieces, one for each top-level statement, so that an edit parses anew only the pieces that it touches.

A piece begins where the one before it ends and reaches to the end of its statement's last line: comments and empty
lines belong to the statement after them. Pieces that an edit does not touch stay the same objects, with their tree.
"""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Final, NamedTuple

from tars.core.values import Diagnostic
from tars.lang.syntax.bodies import DIAGNOSTICS_MAX, reads_by_indentation
from tars.lang.syntax.parse import parse_balanced
from tars.lang.syntax.tokens import INLINE_COMMENT, LINE_COMMENT
from tars.lang.syntax.tree import Attribute, Block, File

_REST: Final = re.compile(rf"(?:[ \t\r]+|{INLINE_COMMENT})*+(?:{LINE_COMMENT})?(?:\n|\Z)").match
_ENDLESS: Final = frozenset({"T0015", "T0016"})
"""A heredoc or a comment without its end takes all that follows with it."""
_WITNESSES: Final = (1, 8, 64)
"""How many pieces after the edit are read as well; once they read as before, so does all that follows."""


class Piece:
    """One top-level statement (none in a text without any) with the text before it.

    The offsets in `items` and `diagnostics` count from `origin`: a node at `start` is at `start - origin` in `text`.
    """

    __slots__ = ("diagnostics", "items", "lines", "notes", "origin", "text")

    def __init__(
        self, text: str, origin: int, items: tuple[Attribute | Block, ...], diagnostics: tuple[Diagnostic, ...]
    ) -> None:
        self.text = text
        self.origin = origin
        self.items = items
        self.diagnostics = diagnostics
        self.lines = text.count("\n")
        self.notes: dict[str, object] = {}
        """What readers of the piece have worked out of it; it holds as long as the piece does."""

    def is_like(self, other: "Piece") -> bool:
        """Whether both have the same text and were read alike."""
        if self.text != other.text or len(self.diagnostics) != len(other.diagnostics):
            return False
        mine = [(item[0] - self.origin, item[1] - self.origin, type(item)) for item in self.items]
        return mine == [(item[0] - other.origin, item[1] - other.origin, type(item)) for item in other.items]


class Change(NamedTuple):
    """What an edit did to the pieces: `removed` gave way to `added`."""

    removed: tuple[Piece, ...]
    added: tuple[Piece, ...]


class PieceText:
    """A text and its pieces. Equal to a full parse wherever that is not confused by braces that do not balance."""

    def __init__(self, text: str, path: str = "<text>") -> None:
        self.path = path
        self.pieces: list[Piece] = []
        self.replace(text)

    @property
    def is_balanced(self) -> bool:
        """Whether its braces balance; where they do not, pieces may be read otherwise beside other ones."""
        return self._balanced

    @property
    def text(self) -> str:
        return "".join([piece.text for piece in self.pieces])

    def _place(self) -> None:
        self.starts = list(accumulate([len(piece.text) for piece in self.pieces], initial=0))
        self.first_lines = list(accumulate([piece.lines for piece in self.pieces], initial=0))

    def piece_at(self, offset: int) -> int:
        """The place of the piece that holds the character at `offset`, the last one at the end of the text."""
        return min(max(bisect_right(self.starts, offset) - 1, 0), len(self.pieces) - 1)

    def piece_on(self, line: int) -> int:
        """The place of the piece in which a line (counted from 0) begins; one that is too large is in the last."""
        return min(max(bisect_right(self.first_lines, line) - 1, 0), len(self.pieces) - 1)

    def replace(self, text: str) -> Change:
        """Take another text as a whole."""
        old = tuple(self.pieces)
        file, self._balanced = parse_balanced(text, self.path)
        self.pieces = split(file)
        self._place()
        return Change(old, tuple(self.pieces))

    def edit(self, start: int, end: int, text: str) -> Change:
        """Put `text` where the characters `[start, end)` were, and read anew what that touches."""
        first, last = self.piece_at(start), self.piece_at(max(start, end - 1) if end > start else start)
        first, last = self._widened(first, last)
        middle = "".join([piece.text for piece in self.pieces[first : last + 1]])
        at = start - self.starts[first]
        middle = f"{middle[:at]}{text}{middle[at + end - start :]}"
        if "\0" not in middle and sum(len(piece.diagnostics) for piece in self.pieces[first:]) < DIAGNOSTICS_MAX // 2:
            for count in _WITNESSES:
                change = self._read(first, last, middle, count)
                if change is not None:
                    return change
        rest = "".join([piece.text for piece in self.pieces[last + 1 :]])
        head = "".join([piece.text for piece in self.pieces[:first]])
        return self.replace(f"{head}{middle}{rest}")

    def _widened(self, first: int, last: int) -> tuple[int, int]:
        """With the piece before where that one's end might depend on what follows."""
        while first > 0 and (self.pieces[first - 1].diagnostics or not self.pieces[first - 1].text.endswith("\n")):
            first -= 1
        return first, last

    def _read(self, first: int, last: int, middle: str, count: int) -> Change | None:
        """The change, if the last of the `count` pieces after `last` (fewer at the end) is read as it was."""
        if first > 0 and middle.startswith("\ufeff"):
            return None
        witnesses = self.pieces[last + 1 : last + 1 + count]
        file, balanced = parse_balanced(middle + "".join([piece.text for piece in witnesses]), self.path)
        made = split(file)
        stop = last + 1 + len(witnesses)
        if stop < len(self.pieces):
            if len(made) < 2 or not made[-1].is_like(witnesses[-1]):
                return None
            if made[-1].diagnostics and not (balanced and self._balanced):
                return None
            made.pop()
            stop -= 1
        if any(found.code in _ENDLESS for found in file.diagnostics) and stop < len(self.pieces):
            return None
        if file.diagnostics or any(piece.diagnostics for piece in self.pieces[first:stop]):
            beside = (*self.pieces[:first], *self.pieces[stop:])
            if not (balanced and self._balanced) and not all(map(_is_plain, beside)):
                return None  # where braces do not balance, wherever that is, indentation counts in the whole text
            self._balanced = balanced
        elif not self._balanced and not all(map(_is_plain, made)):
            return None
        # The witnesses that are read as before stay the pieces that they were, with what is known of them.
        while stop > last + 1 and made and not made[-1].diagnostics and made[-1].is_like(self.pieces[stop - 1]):
            made.pop()
            stop -= 1
        old = self.pieces[first:stop]
        self.pieces[first:stop] = made
        if not self.pieces:
            self.pieces = [Piece("", 0, (), ())]
        self._place()
        return Change(tuple(old), tuple(made))


def _is_plain(piece: Piece) -> bool:
    """Whether the piece is read alike by its braces and by its indentation, whatever stands around it."""
    known = piece.notes.get("plain")
    if known is None:
        known = piece.notes["plain"] = not piece.diagnostics and _reads_alike(piece)
    return bool(known)


def _reads_alike(piece: Piece) -> bool:
    text = piece.text
    for item in piece.items:
        start, end = item[0] - piece.origin, item[1] - piece.origin
        if start and text[start - 1] != "\n":
            return False
        if type(item) is Block and "\n" in text[start:end] and text[end - 2 : end] != "\n}":
            return False
    file, balanced = parse_balanced(text) if piece.origin else (None, True)
    items = file.body.items if file else piece.items
    return balanced and reads_by_indentation(text, items)


def split(file: File) -> list[Piece]:
    """The pieces of a parsed text; together their texts are the text. There is always at least one."""
    text = file.text
    held: list[list[Attribute | Block]] = []
    bounds: list[int] = []
    for item in file.body.items:
        if bounds and item[0] < bounds[-1]:
            held[-1].append(item)
            bounds[-1] = max(bounds[-1], _line_after(text, item[1]))
        else:
            held.append([item])
            bounds.append(_line_after(text, item[1]))
    if not bounds:
        return [Piece(text, 0, (), file.diagnostics)]
    found: list[list[Diagnostic]] = [[] for _ in bounds]
    for diagnostic in file.diagnostics:
        start, cause = _places(diagnostic)
        place = min(bisect_right(bounds, cause), len(bounds) - 1)
        found[place].append(diagnostic)
        reach = _line_after(text, start)
        if place + 1 < len(held) and bounds[place] < reach <= held[place + 1][0][0]:
            bounds[place] = reach
    bounds[-1] = len(text)
    begins = [0, *bounds[:-1]]
    return [
        Piece(text[begin:bound], begin, tuple(items), tuple(told))
        for begin, bound, items, told in zip(begins, bounds, held, found, strict=True)
    ]


def _line_after(text: str, at: int) -> int:
    """Where the line after a statement that ends at `at` begins; a comment that begins on its line belongs to it."""
    match = _REST(text, at)
    if match is not None:
        return match.end()
    end = text.find("\n", at)
    return end + 1 if end >= 0 else len(text)


def _places(found: Diagnostic) -> tuple[int, int]:
    """Where a diagnostic points, and where what is wrong begins: a block that is never closed at its header."""
    start = found.span.start if found.span else 0
    return start, min([start, *(related.span.start for related in found.related)])
