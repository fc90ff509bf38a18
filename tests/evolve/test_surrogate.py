"""The model of parameters: it finds a place that drawing at random does not, and the same one each time."""

import random

import pytest

pytest.importorskip("numpy", reason="the extra `evolve` is not installed")

from tars.evolve.searching.surrogate import Surrogate  # after the skip, since it needs numpy

CHOICES = [0, 0, 0, 3]
BEST = (0.7, 0.2, 0.45, 2.0)


def height(point: list[float]) -> float:
    """At most 0, at `BEST` alone."""
    away = sum((one - other) ** 2 for one, other in zip(point[:3], BEST, strict=False))
    return -away - 0.3 * (point[3] != BEST[3])


def drawn(draw: random.Random) -> list[float]:
    return [draw.random(), draw.random(), draw.random(), float(draw.randrange(3))]


def best_found(seed: int, count: int = 40) -> tuple[float, list[list[float]]]:
    draw = random.Random(seed)
    points = [drawn(draw) for _ in range(8)]
    surrogate = Surrogate(CHOICES)
    while len(points) < count:
        points.append(surrogate.suggested(points, [height(one) for one in points], draw.randrange(2**31)))
    return max(map(height, points)), points


def test_it_finds_what_drawing_does_not() -> None:
    for seed in range(3):
        draw = random.Random(seed)
        assert best_found(seed)[0] > -0.003
        assert max(height(drawn(draw)) for _ in range(40)) < -0.01


def test_it_stays_in_its_space_and_repeats_itself() -> None:
    points = best_found(1, 20)[1]
    assert points == best_found(1, 20)[1]
    assert all(0 <= place <= 1 for point in points for place in point[:3])
    assert {point[3] for point in points} <= {0.0, 1.0, 2.0}


def test_scores_that_are_all_alike_are_no_trouble() -> None:
    assert len(Surrogate([0]).suggested([[0.1], [0.9], [0.5]], [1.0, 1.0, 1.0], 1)) == 1
