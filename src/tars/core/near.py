"""The known names that are nearest to a wrong one: for "did you mean"."""

from collections.abc import Iterable


def close_matches(word: str, known: Iterable[str], n: int = 3, cutoff: float = 0.6) -> list[str]:
    """The best `n` names that are alike enough, best first (`difflib`, loaded only where something is wrong)."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow to import, and most runs never need it

    return get_close_matches(word, list(known), n=n, cutoff=cutoff)
