"""Words: how a text is written into the full-text index, and how a question becomes a query of it."""

import re
from collections.abc import Callable, Sequence
from typing import Final

TERMS_MAX: Final = 24
POSTINGS_MAX: Final = 3_000
"""How many occurrences a query may weigh; the rarest words come first, and the two rarest always."""
_STEM_MIN: Final = 3
_ENDINGS: Final = frozenset(("", "s", "es", "d", "ed", "ing"))
_WORD: Final = re.compile(r"[^\W_]+")
_HUMPS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_COMMON: Final = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are as at be been but by can do does for from had has have how i if in into is it its me my no not of
        on or our should so than that the their them then there these they this to was we were what when where which
        while who why will with would you your
        """,
    )
)


def written(text: str) -> str:
    """The text as it is indexed: words with humps (`openStore`) also in their parts. Deterministic, since what is taken
    out of the index must be spelt as it was put in."""
    clean = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    parts = {word: _HUMPS.sub(" ", word) for word in set(_WORD.findall(clean))}
    extra = [split for word, split in sorted(parts.items()) if split != word]
    return f"{clean}\n{' '.join(extra)}" if extra else clean


def query(question: str, frequency: Callable[[str], int]) -> str:
    """The question as an FTS5 query: any of its words. `frequency` tells in how many passages a word occurs.

    Words that say nothing are left out where others are left; so are the most frequent ones where all together would
    be too many to weigh. Empty where no word of it occurs anywhere.
    """
    counted = [(frequency(word), word) for word in _words(question)]
    rare = sorted((count, word) for count, word in counted if count)
    chosen: list[str] = []
    total = 0
    for count, word in rare[:TERMS_MAX]:
        if len(chosen) >= 2 and total + count > POSTINGS_MAX:
            break
        chosen.append(word)
        total += count
    return " OR ".join(f'"{word}"' for word in chosen)


def is_same_question(first: str, second: str) -> bool:
    """Whether two questions have the same telling words in the same order, up to their endings (`gate`, `gates`)."""
    one, other = _telling(first), _telling(second)
    return len(one) == len(other) and all(map(_is_same_word, one, other))


def _telling(question: str) -> list[str]:
    words = [word.casefold() for word in _WORD.findall(question)]
    return [word for word in words if word not in _COMMON] or words


def _is_same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    stem = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return stem >= _STEM_MIN and one[stem:] in _ENDINGS and other[stem:] in _ENDINGS


def _words(question: str) -> Sequence[str]:
    """The words of a question and their parts, each once, in its order."""
    clean = question.encode("utf-8", "replace").decode("utf-8")
    found = _WORD.findall(clean)
    spelt = [part.lower() for word in found for part in dict.fromkeys((word, *_HUMPS.sub(" ", word).split()))]
    telling = [word for word in spelt if word not in _COMMON]
    return list(dict.fromkeys(telling or spelt))
