"""Makes a patch that holds as small as it can be: every hunk that can be dropped without breaking it is dropped."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
_FEW = 16
"""So many parts are tried one by one: most are needed, and halves would only cost tries."""


def shrunk(
    parts: Sequence[T],
    holds: Callable[[Sequence[T]], bool],
    expect: Callable[[Iterable[Sequence[T]]], None] = lambda several: None,
) -> Iterator[tuple[T, ...] | None]:
    """Yields None after each try and, last, a subsequence that holds and of which no single part can be dropped.

    `parts` is known to hold. `expect` is told which tries come next if this one fails. After Zeller and Hildebrandt,
    "Simplifying and isolating failure-inducing input" (2002).
    """
    kept = tuple(parts)
    size = len(kept) // 2 if len(kept) > _FEW else 1
    while len(kept) > 1:
        before = len(kept)
        at = 0
        while at < len(kept) and len(kept) > 1:
            tries = [kept[:start] + kept[start + size :] for start in range(at, len(kept), size)]
            expect(one for one in tries if one)
            if tries[0] and holds(tries[0]):
                kept = tries[0]
            else:
                at += size
            yield None
        if size == 1 and len(kept) == before:
            break
        size = max(size // 2, 1)
    yield kept
