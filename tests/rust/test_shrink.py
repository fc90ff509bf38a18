"""Shrinking: what is left holds, and nothing of it can be dropped."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tars.rust.mending.shrink import shrunk


def last(parts: Sequence[int], needed: set[int]) -> tuple[tuple[int, ...], int]:
    """What is left of the parts where those of `needed` must stay, and in how many tries."""
    tried = []

    def holds(some: Sequence[int]) -> bool:
        tried.append(tuple(some))
        return needed <= set(some)

    found = [one for one in shrunk(parts, holds) if one is not None]
    assert len(found) == 1
    return found[0], len(tried)


@given(st.integers(1, 20), st.sets(st.integers(0, 19)))
def test_exactly_what_is_needed_is_left(count: int, needed: set[int]) -> None:
    needed &= set(range(count))
    left, _ = last(range(count), needed)
    assert list(left) == (sorted(needed) if needed else left[:1] and [left[0]])


@pytest.mark.parametrize(
    ("count", "needed", "tries"), [(1, {0}, 0), (2, {0, 1}, 2), (8, set(range(8)), 8), (64, {3}, 20)]
)
def test_few_tries_are_made(count: int, needed: set[int], tries: int) -> None:
    left, made = last(range(count), needed)
    assert set(left) == needed
    assert made <= tries


def test_parts_that_only_go_together_are_found_in_the_end() -> None:
    """Dropping 0 holds only once 5 is gone: one pass over the parts is not enough."""

    def holds(some: Sequence[int]) -> bool:
        return 3 in some and (0 in some or 5 not in some)

    assert [one for one in shrunk(range(6), holds) if one is not None] == [(3,)]


def test_what_comes_next_is_told() -> None:
    told: list[list[tuple[int, ...]]] = []
    for _ in shrunk((1, 2), lambda some: False, lambda several: told.append([tuple(one) for one in several])):
        pass
    assert told == [[(2,), (1,)], [(1,)]]
