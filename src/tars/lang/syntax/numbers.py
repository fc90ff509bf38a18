"""The number that a word spells, exact where it is whole."""

from math import isinf
from typing import Final

_EXACT_MAX: Final = 2**53
"""Whole numbers up to this one are exact as a `float`."""


def spelt(word: str) -> int | float:
    """The number that the word spells, with a minus or without; a whole one that a `float` cannot hold is an `int`."""
    if word.lstrip("-").isdecimal():
        return int(word)
    value = float(word)
    if abs(value) <= _EXACT_MAX or isinf(value):
        return value
    from decimal import Decimal  # noqa: PLC0415 - slow to import, and few numbers are so large

    exact = Decimal(word)
    return int(exact) if exact == int(exact) else value
