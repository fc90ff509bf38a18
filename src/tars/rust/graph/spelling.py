"""How far apart two names are: edits of letters, swaps counted once, and words in another order or case."""

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str], limit: int = 8) -> list[str]:
    """The names that may have been meant, the nearest first: at most a third of the letters differ, though not all of a
    short name's, or they have the same words."""
    allowed = max(len(word), 3) // 3
    words = sorted(word.lower().split("_"))
    found = []
    for name in names:
        if name == word:
            continue
        if name.lower() == word.lower():
            found.append((0, name))
        elif len(words) > 1 and sorted(name.lower().split("_")) == words:
            found.append((1, name))
        elif abs(len(name) - len(word)) <= allowed:
            cost = distance(word, name, allowed)
            if cost <= allowed and cost < len(word):
                found.append((cost, name))
    return [name for _, name in sorted(found)[:limit]]


def distance(one: str, other: str, limit: int) -> int:
    """The Damerau-Levenshtein distance (optimal string alignment), or anything above `limit` where it is larger."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        older, before, row = before, row, [at]
        for to, wanted in enumerate(other, 1):
            cost = min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
