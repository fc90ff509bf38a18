"""The text of a metascript in an editor, and places in it as editors count them: in code units of an encoding."""

import sys
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Final, NamedTuple, TypeAlias

from tars.lang.syntax.pieces import WHOLE_CHARACTERS_MAX, Change, Piece, PieceText
from tars.lang.syntax.reread import Reread, reread
from tars.ui.lsp.names import Index

EDITS_MAX: Final = 50
"""More edits at once, as of many cursors, are one new text."""
UTF_8: Final = "utf-8"
UTF_16: Final = "utf-16"
UTF_32: Final = "utf-32"


class Place(NamedTuple):
    """A line and a character in it, both counted from 0; the character in units of the client's encoding."""

    line: int
    character: int


def units(text: str, encoding: str) -> int:
    """How many code units the text has in that encoding."""
    if encoding == UTF_32 or text.isascii():
        return len(text)
    if encoding == UTF_8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def index_of(line: str, character: int, encoding: str) -> int:
    """The index in the line's text of that code unit; the line's end where it has fewer."""
    if encoding == UTF_32 or line.isascii():
        return min(max(character, 0), len(line))
    left = character
    for index, one in enumerate(line):
        if left <= 0:
            return index
        left -= units(one, encoding)
    return len(line)


Edit: TypeAlias = tuple[tuple[int, int] | None, tuple[int, int] | None, str]
"""Where an editor puts a text, from one line and character to another; a text without places is all of it."""


class Document(PieceText):
    """The text of one metascript as the editor has it, or as it is on the disk.

    `path` is the file's path from the project's root. `version` is the client's number, None for a file that is not
    open in the editor.
    """

    def __init__(self, text: str, path: str, encoding: str, version: int | None = None) -> None:
        super().__init__(text, path, sys.maxsize if version is None else WHOLE_CHARACTERS_MAX)
        self.encoding = encoding
        self.version = version
        self.serial = 0
        """Grows with every change."""
        self._index: Index | None = None
        self._numbers: tuple[int, Mapping[int, int]] | None = None

    def line_text(self, line: int) -> str:
        """The text of a line (counted from 0) without its end."""
        start, end = self._line_span(line)
        return self._slice(start, end).rstrip("\r\n")

    def offset(self, line: int, character: int) -> int:
        """The offset of a place; one behind the end of its line or of the text counts as that end."""
        if line < 0:
            return 0
        if line > self.first_lines[-1]:
            return self.starts[-1]
        start, _ = self._line_span(line)
        return start + index_of(self.line_text(line), character, self.encoding)

    def place(self, offset: int) -> Place:
        """The place of an offset."""
        offset = min(max(offset, 0), self.starts[-1])
        number = self.piece_at(offset)
        return self.place_in(number, offset - self.starts[number])

    def place_in(self, number: int, local: int) -> Place:
        """The place of an offset in the text of the piece of that number."""
        text = self.pieces[number].text
        local = min(max(local, 0), len(text))
        begin = text.rfind("\n", 0, local) + 1
        line = self.first_lines[number] + text.count("\n", 0, begin)
        before = text[begin:local]
        if begin == 0 and number and not self.pieces[number - 1].text.endswith("\n"):
            whole = self.starts[number] + local
            line_start, _ = self._line_span(line)
            before = self._slice(line_start, whole)
        return Place(line, units(before, self.encoding))

    @property
    def index(self) -> Index:
        """Which piece declares and uses each name; made when first asked for, and kept true from then on.

        It knows nothing of a text that was not read yet.
        """
        if self._index is None:
            self._index = Index(self.pieces if self.read else ())
        return self._index

    def still(self) -> "Document":
        """The document as it is now, for another thread; later edits leave it alone."""
        still = copy(self)
        still.pieces = list(self.pieces)
        return still

    def settle(self, whole: Reread, index: Index) -> None:
        """Take a reading of the whole, and the index of its pieces."""
        index.apply(self.take(whole))
        self._index, self._numbers = index, None

    @property
    def numbers(self) -> Mapping[int, int]:
        """The number of each piece by its `id`."""
        if self._numbers is None or self._numbers[0] != self.serial:
            self._numbers = (self.serial, {id(piece): number for number, piece in enumerate(self.pieces)})
        return self._numbers[1]

    def change(self, start: tuple[int, int], end: tuple[int, int], text: str) -> Change:
        """Replace what is between two places by `text`."""
        first = self.offset(*start)
        return self._changed(self.edit(first, max(first, self.offset(*end)), text))

    def change_all(self, text: str) -> Change:
        return self._changed(self.replace(text))

    def apply(self, edits: Sequence[Edit]) -> list[Change]:
        """Make edits, one after the other."""
        if len(edits) > EDITS_MAX:
            return [self.change_all(_edited(self.text.split("\n"), edits, self.encoding))]
        return [
            self.change_all(text) if start is None or end is None else self.change(start, end, text)
            for start, end, text in edits
        ]

    def _changed(self, change: Change) -> Change:
        self.serial += 1
        if not self.read:
            self._index = None
        elif self._index is not None:
            self._index.apply(change)
        return change

    def piece_start(self, piece: Piece) -> int:
        """The offset at which a piece of this text begins."""
        return self.starts[self.numbers[id(piece)]]

    def _line_span(self, line: int) -> tuple[int, int]:
        number = self.piece_on(line)
        while number and self.first_lines[number] == line and not self.pieces[number - 1].text.endswith("\n"):
            number -= 1
        text = self.pieces[number].text
        at = 0
        for _ in range(line - self.first_lines[number]):
            at = text.find("\n", at) + 1
        end = text.find("\n", at)
        start = self.starts[number] + at
        if end >= 0:
            return start, self.starts[number] + end
        while number + 1 < len(self.pieces):
            number += 1
            end = self.pieces[number].text.find("\n")
            if end >= 0:
                return start, self.starts[number] + end
        return start, self.starts[-1]

    def _slice(self, start: int, end: int) -> str:
        first, last = self.piece_at(start), self.piece_at(max(start, end))
        text = "".join([piece.text for piece in self.pieces[first : last + 1]])
        return text[start - self.starts[first] : end - self.starts[first]]


def _edited(lines: list[str], edits: Sequence[Edit], encoding: str) -> str:
    """What the edits make of a text's lines; nothing of it is read as a metascript."""

    def index(line: int, character: int) -> tuple[int, int]:
        if line < 0:
            return 0, 0
        at = min(line, len(lines) - 1)
        plain = lines[at].rstrip("\r")
        return at, index_of(plain, character, encoding) if at == line else len(lines[at])

    for start, end, text in edits:
        if start is None or end is None:
            lines = text.split("\n")
            continue
        first, begin = index(*start)
        last, stop = max((first, begin), index(*end))
        lines[first : last + 1] = f"{lines[first][:begin]}{text}{lines[last][stop:]}".split("\n")
    return "\n".join(lines)


def read_whole(document: Document, is_stale: Callable[[], bool]) -> tuple[Reread, Index]:
    """What `Document.settle` takes, of a document that is still; changes nothing of it."""
    whole = reread(document.pieces, document.path, is_stale)
    return whole, Index(whole.pieces)
