"""Formats a text in pieces, each once: after an edit only what it has changed is laid out again.

A unit is what is formatted without the rest: a block, or attributes of the top level, whose `=` are aligned with each
other. Joined, the formatted units are what `format_text` makes of the whole.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Final

from tars.core.errors import InputError
from tars.lang.forms.format import format_text
from tars.lang.syntax.pieces import Piece
from tars.lang.syntax.tree import Attribute

UNITS_KEPT: Final = 20_000
KEPT_CHARACTERS_MAX: Final = 10_000
"""What is longer is laid out again each time."""
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
    text = "".join([pieces[number].text for number in unit])
    return _known(text) if len(text) <= KEPT_CHARACTERS_MAX else format_text(text)


def lay_out(pieces: Sequence[Piece], is_wanted: Callable[[], bool]) -> None:
    """Format each unit, as long as that is wanted, so that it is done when somebody asks; whoever asks earlier begins
    at the other end, and meets it halfway."""
    for unit in reversed([*units(pieces, range(len(pieces)))]):
        if not is_wanted():
            return
        with suppress(InputError):
            formatted(pieces, unit)


def in_its_place(pieces: Sequence[Piece], unit: range) -> str:
    """As `formatted`, with the one empty line before it where there are any."""
    text = formatted(pieces, unit)
    is_apart = unit[0] > 0 and text and _BLANK_LINE.match(pieces[unit[0]].text)
    return f"\n{text}" if is_apart else text


@lru_cache(UNITS_KEPT)
def _known(text: str) -> str:
    return format_text(text)


def _is_end(piece: Piece, following: Piece) -> bool:
    """Whether a unit ends with the piece: comments belong to what follows, attributes to attributes."""
    if not piece.items:
        return False
    return not (isinstance(piece.items[-1], Attribute) and (not following.items or _begins_with_attribute(following)))


def _begins_with_attribute(piece: Piece) -> bool:
    return isinstance(piece.items[0], Attribute)
