"""The test of acceptance: how often it is wrong is counted."""

import random

import pytest

from tars.evolve.judging.statistics import ERROR, LOOKS, Judgement, became_worse, flipped_chance, judge


def tried(effect: float, noise: float, draw: random.Random) -> Judgement:
    """One acceptance of a change with that effect, measured with that noise."""
    before: list[float] = []
    after: list[float] = []
    for look in LOOKS:
        while len(before) < look:
            level = 100 * (1 + draw.gauss(0, noise))
            before.append(level * (1 + draw.gauss(0, noise / 2)))
            after.append(level * (1 + effect) * (1 + draw.gauss(0, noise / 2)))
        found = judge(before, after, seed=draw.randrange(2**30))
        if found.answer != "go on":
            break
    return found


def share_of_accepted(effect: float, noise: float, count: int) -> float:
    draw = random.Random(11)
    return sum(tried(effect, noise, draw).answer == "better" for _ in range(count)) / count


def test_a_regression_is_caught_and_a_gain_is_seen() -> None:
    assert share_of_accepted(-0.05, 0.05, 60) == 0
    assert share_of_accepted(0.05, 0.02, 60) == 1


@pytest.mark.slow
def test_changes_without_effect_are_accepted_once_in_a_hundred_at_most() -> None:
    """Where it is once in a hundred, more than twice as many are counted in 600 trials once in a hundred tests."""
    assert share_of_accepted(0.0, 0.05, 600) <= 2 * ERROR


def test_the_exact_test_is_that_of_fisher() -> None:
    assert flipped_chance([1.0] * 5, 0) == 1 / 32
    assert flipped_chance([1.0, -1.0], 0) == 1.0
    assert 0.4 < flipped_chance([1, -1, 1, -1, 0.5], 0) < 0.6


def test_what_is_no_number_is_no_gain() -> None:
    assert judge([1.0] * 10, [float("nan")] * 10).answer == "not better"
    assert judge([1.0] * 10, [float("inf")] * 10).answer == "not better"
    assert judge([1.0], [1.1], exact=True).answer == "better"
    assert judge([1.0], [1.001], exact=True).answer == "not better"


def test_other_figures_are_held() -> None:
    assert became_worse([1.0] * 8, [1.2] * 8)
    assert not became_worse([1.0] * 8, [1.001] * 8)
