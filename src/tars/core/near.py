"""The known names that are nearest to a wrong one: for "did you mean"."""

from collections.abc import Iterable
from typing import Final

_LENGTH_MAX: Final = 100
"""Longer words are no slips of the pen, and comparing takes time in proportion to the product of the lengths."""


def close_matches(word: str, known: Iterable[str], n: int = 3, cutoff: float = 0.6) -> list[str]:
    """The best `n` names that are alike enough, best first (`difflib`, loaded only where something is wrong)."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow to import, and most runs never need it

    if len(word) > _LENGTH_MAX:
        return []
    return get_close_matches(word, [name for name in known if len(name) <= _LENGTH_MAX], n=n, cutoff=cutoff)
