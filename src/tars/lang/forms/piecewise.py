"""Formats a text in pieces, each once: after an edit only what it has changed is laid out again.

A unit is what is formatted without the rest: a block, or attributes of the top level, whose `=` are aligned with each
other. Joined, the formatted units are what `format_text` makes of the whole.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from tars.core.errors import InputError
from tars.lang.forms.format import format_text
from tars.lang.syntax.pieces import Piece
from tars.lang.syntax.tree import Attribute

_BLANK_LINE: Final = re.compile(r"[ \t\r\ufeff]*\n")


def units(pieces: Sequence[Piece], numbers: range) -> Iterator[range]:
    """The units that begin in the pieces of these numbers, each as the numbers of its pieces."""
    for first in numbers:
        if first == 0 or _is_end(pieces[first - 1], pieces[first]):
            last = first
            while last + 1 < len(pieces) and not _is_end(pieces[last], pieces[last + 1]):
                last += 1
            yield range(first, last + 1)


def unit_of(pieces: Sequence[Piece], number: int) -> range:
    """The unit that the piece of that number belongs to."""
    while number and not _is_end(pieces[number - 1], pieces[number]):
        number -= 1
    return next(units(pieces, range(number, number + 1)))


def formatted(pieces: Sequence[Piece], unit: range) -> str:
    """A unit without syntax errors in canonical form, without the empty lines around it.

    Raises `InputError` where it has some.
    """
    piece = pieces[unit[0]]
    if len(unit) > 1:
        return format_text("".join([pieces[number].text for number in unit]))
    known = piece.notes.get("formatted")
    if known is None:
        known = piece.notes["formatted"] = format_text(piece.text)
    assert isinstance(known, str)
    return known


def lay_out(pieces: Sequence[Piece], is_wanted: Callable[[], bool]) -> None:
    """Format each piece once, as long as that is wanted, so that `formatted` knows them."""
    for number, piece in enumerate(pieces):
        if not is_wanted():
            return
        if "formatted" not in piece.notes and not piece.diagnostics:
            with suppress(InputError):
                formatted(pieces, range(number, number + 1))


def in_its_place(pieces: Sequence[Piece], unit: range) -> str:
    """As `formatted`, with the one empty line before it where there are any."""
    text = formatted(pieces, unit)
    is_apart = unit[0] > 0 and text and _BLANK_LINE.match(pieces[unit[0]].text)
    return f"\n{text}" if is_apart else text


def _is_end(piece: Piece, following: Piece) -> bool:
    """Whether a unit ends with the piece: comments belong to what follows, attributes to attributes."""
    if not piece.items:
        return False
    return not (isinstance(piece.items[-1], Attribute) and (not following.items or _begins_with_attribute(following)))


def _begins_with_attribute(piece: Piece) -> bool:
    return isinstance(piece.items[0], Attribute)
