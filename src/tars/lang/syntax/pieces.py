"""A text in pieces, one for each top-level statement, so that an edit parses anew only the pieces that it touches.

A piece begins where the one before it ends and reaches to the end of its statement's last line: comments and empty
lines belong to the statement after them. Pieces that an edit does not touch stay the same objects, with their tree.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tars.core.values import Diagnostic
from tars.lang.syntax.bodies import DIAGNOSTICS_MAX, reads_by_indentation
from tars.lang.syntax.parse import parse_balanced
from tars.lang.syntax.tokens import INLINE_COMMENT, LINE_COMMENT
from tars.lang.syntax.tree import Attribute, Block, File

if TYPE_CHECKING:
    from tars.lang.syntax.reread import Reread

WHOLE_CHARACTERS_MAX: Final = 100_000
"""A text that is not longer is always read as a whole where that is needed: it takes about 20 ms."""
_BLOCK_END: Final = re.compile(r"^\}[ \t\r]*\n", re.MULTILINE)
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


class UnreadPiece(Piece):
    """A part of a text, cut off behind a `}` that begins a line, which is read when its tree is first asked for."""

    __slots__ = ("is_read",)

    def __init__(self, text: str) -> None:
        self.is_read = False
        self.text = text
        self.origin = 0
        self.lines = text.count("\n")
        self.notes = {}

    def __getattr__(self, name: str) -> Any:
        if name not in ("items", "diagnostics"):
            raise AttributeError(name)
        file = parse_balanced(self.text)[0]
        self.items, self.diagnostics, self.is_read = file.body.items, file.diagnostics, True
        return getattr(self, name)


class Change(NamedTuple):
    """What an edit did to the pieces: `removed` gave way to `added`."""

    removed: tuple[Piece, ...]
    added: tuple[Piece, ...]


class PieceText:
    """A text and its pieces. Equal to a full parse where it is `exact`.

    `whole_max` is the number of characters up to which it always is: longer texts wait for `take`.
    """

    def __init__(self, text: str, path: str = "<text>", whole_max: int = WHOLE_CHARACTERS_MAX) -> None:
        self.path = path
        self.whole_max = whole_max
        self.pieces: list[Piece] = []
        self.exact = True
        """Whether the pieces are those of a full parse."""
        self.read = True
        """Whether all of the text has been read at least once."""
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
        if len(text) > self.whole_max:
            self.pieces, self._balanced = unread(text), True
            self.exact = self.read = False
        else:
            file, self._balanced = parse_balanced(text, self.path)
            self.pieces = split(file)
            self.exact = self.read = True
        self._place()
        return Change(old, tuple(self.pieces))

    def edit(self, start: int, end: int, text: str) -> Change:
        """Put `text` where the characters `[start, end)` were, and read anew what that touches."""
        first, last = self.piece_at(start), self.piece_at(max(start, end - 1) if end > start else start)
        first, last = self._widened(first, last) if self.read else self._among_unread(first, last)
        middle = "".join([piece.text for piece in self.pieces[first : last + 1]])
        at = start - self.starts[first]
        middle = f"{middle[:at]}{text}{middle[at + end - start :]}"
        is_long = self.starts[-1] + len(text) > self.whole_max
        if is_long and (len(middle) > self.whole_max or not self.read):
            return self._guess(first, last, middle)
        told = sum(len(piece.diagnostics) for piece in self.pieces[first:])
        if "\0" not in middle and told < DIAGNOSTICS_MAX // 2:
            for count in _WITNESSES[:2] if is_long else _WITNESSES:
                change = self._read(first, last, middle, count, is_long=is_long)
                if change is not None:
                    return change
        if is_long:
            return self._guess(first, last, middle)
        rest = "".join([piece.text for piece in self.pieces[last + 1 :]])
        head = "".join([piece.text for piece in self.pieces[:first]])
        return self.replace(f"{head}{middle}{rest}")

    def take(self, whole: "Reread") -> Change:
        """Take what a reading of the whole has found, though the text may have been edited since it was begun.

        Returns what those edits do to the pieces of the reading.
        """
        now, then = self.pieces, whole.of
        most = min(len(now), len(then))
        same = next((number for number in range(most) if now[number] is not then[number]), most)
        tail = next((number for number in range(most - same) if now[-1 - number] is not then[-1 - number]), most - same)
        self._balanced, self.read = whole.balanced, True
        if same == len(now) == len(then):
            self.pieces, self.exact, since = whole.pieces, True, Change((), ())
        else:
            edited = sum([len(piece.text) for piece in then[:same]])
            rest = sum([len(piece.text) for piece in then[len(then) - tail :]])
            starts = list(accumulate([len(piece.text) for piece in whole.pieces], initial=0))
            head = bisect_right(starts, edited) - 1
            after = bisect_left(starts, starts[-1] - rest)
            between = [piece.text for piece in now[same : len(now) - tail]]
            text = "".join([piece.text for piece in whole.pieces[head:after]])
            middle = f"{text[: edited - starts[head]]}{''.join(between)}{text[starts[-1] - rest - starts[head] :]}"
            made = self._near(middle) if middle else []
            since = Change(tuple(whole.pieces[head:after]), tuple(made))
            self.pieces, self.exact = [*whole.pieces[:head], *made, *whole.pieces[after:]], False
        self._place()
        return since

    def _guess(self, first: int, last: int, middle: str) -> Change:
        """The change as it looks from what is near; a reading of the whole will tell."""
        self.exact = False
        self.read = self.read and len(middle) <= self.whole_max
        return self._put(first, last + 1, self._near(middle))

    def _near(self, middle: str) -> list[Piece]:
        return split(parse_balanced(middle, self.path)[0]) if len(middle) <= self.whole_max else unread(middle)

    def _put(self, first: int, stop: int, made: list[Piece]) -> Change:
        old = self.pieces[first:stop]
        self.pieces[first:stop] = made
        if not self.pieces:
            self.pieces = [Piece("", 0, (), ())]
        self._place()
        return Change(tuple(old), tuple(made))

    def _widened(self, first: int, last: int) -> tuple[int, int]:
        """With the piece before where that one's end might depend on what follows."""
        while first > 0 and (self.pieces[first - 1].diagnostics or not self.pieces[first - 1].text.endswith("\n")):
            first -= 1
        return first, last

    def _among_unread(self, first: int, last: int) -> tuple[int, int]:
        """With the pieces beside that earlier edits made: they may belong together again."""
        most = _WITNESSES[-1]
        while first > 0 and most and type(self.pieces[first - 1]) is Piece:
            first, most = first - 1, most - 1
        while last + 1 < len(self.pieces) and most and type(self.pieces[last + 1]) is Piece:
            last, most = last + 1, most - 1
        return first, last

    def _read(self, first: int, last: int, middle: str, count: int, *, is_long: bool) -> Change | None:
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
            # Where braces do not balance, wherever that is, indentation counts in the whole text.
            if not (balanced and self._balanced) and not self._are_plain((*self.pieces[:first], *self.pieces[stop:])):
                if not is_long:
                    return None
                self.exact = False
            self._balanced = balanced
        elif not self._balanced and not self._are_plain(made):
            if not is_long:
                return None
            self.exact = False
        # The witnesses that are read as before stay the pieces that they were, with what is known of them.
        while stop > last + 1 and made and not made[-1].diagnostics and made[-1].is_like(self.pieces[stop - 1]):
            made.pop()
            stop -= 1
        return self._put(first, stop, made)

    def _are_plain(self, pieces: Sequence[Piece]) -> bool:
        """Whether the pieces are known to be plain; of a short text that is found out."""
        unknown = sum([len(piece.text) for piece in pieces if "plain" not in piece.notes])
        return unknown <= self.whole_max and all(map(is_plain, pieces))


def unread(text: str) -> list[Piece]:
    """A text cut into pieces where blocks seem to end, none of them read. There is always at least one."""
    ends = [match.end() for match in _BLOCK_END.finditer(text)]
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    return [UnreadPiece(text[begin:end]) for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


def is_plain(piece: Piece) -> bool:
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
