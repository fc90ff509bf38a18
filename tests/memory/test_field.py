"""Marginals of a Markov field against plain enumeration, and what keeping couplings bounded guarantees."""

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tars.memory.field import Field, bounded, marginals, propagate

FINITE = st.floats(-3, 3)


def field(count: int, edges: list[tuple[int, int, float]], bias: list[float]) -> Field:
    pairs = np.array([edge[:2] for edge in edges], dtype=np.int64).reshape(-1, 2)
    assert len(bias) == count
    return Field(np.array(bias), pairs, np.array([edge[2] for edge in edges]))


def enumerated(of: Field) -> NDArray[np.float64]:
    """By the definition: the sum over every assignment."""
    states = np.array(list(product((-1, 1), repeat=len(of.bias))))
    energy = states @ of.bias
    for (first, second), coupling in zip(of.edges, of.coupling, strict=True):
        energy = energy + coupling * states[:, first] * states[:, second]
    weight = np.exp(energy - energy.max())
    result: NDArray[np.float64] = (weight @ (states > 0)) / weight.sum()
    return result


@st.composite
def fields(draw: st.DrawFn, coupling: float = 2.0) -> Field:
    count = draw(st.integers(1, 9))
    pairs = [(i, j) for i in range(count) for j in range(i)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    edges = [(*pair, draw(st.floats(-coupling, coupling))) for pair in chosen]
    return field(count, edges, draw(st.lists(FINITE, min_size=count, max_size=count)))


@settings(max_examples=200, deadline=None)
@given(fields())
def test_small_fields_are_exact(of: Field) -> None:
    found = marginals(of)
    assert found.exact.all()
    assert np.abs(found.probability - enumerated(of)).max() < 1e-9


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 14), st.randoms(use_true_random=False))
def test_trees_are_exact(count: int, chance: Random) -> None:
    edges = [(i, chance.randrange(i), chance.uniform(-2, 2)) for i in range(1, count)]
    of = field(count, edges, [chance.uniform(-2, 2) for _ in range(count)])
    found = marginals(of)
    assert found.exact.all()
    assert np.abs(found.probability - enumerated(of)).max() < 1e-9


def grid(side: int, seed: int) -> Field:
    chance = np.random.default_rng(seed)
    cells = [(x, y) for x in range(side) for y in range(side)]
    edges = [(x * side + y, x * side + y + 1) for x, y in cells if y + 1 < side]
    edges += [(x * side + y, (x + 1) * side + y) for x, y in cells if x + 1 < side]
    return Field(chance.normal(size=side * side), np.array(edges), chance.uniform(-0.5, 0.5, size=len(edges)))


def test_what_is_too_wide_says_that_it_is_approximate() -> None:
    wide = bounded(grid(40, 1))
    assert not marginals(wide).exact.any()


@pytest.mark.parametrize("seed", range(5))
def test_propagation_is_near_the_exact_answer_where_couplings_are_bounded(seed: int) -> None:
    chance = np.random.default_rng(seed)
    pairs = np.array([(i, j) for i in range(12) for j in range(i) if chance.random() < 0.4])
    of = bounded(Field(chance.normal(size=12), pairs, chance.uniform(-0.5, 0.5, size=len(pairs))))
    magnetisation, _, _ = propagate(of)
    assert np.abs((1 + magnetisation) / 2 - enumerated(of)).max() < 0.01


@settings(max_examples=100, deadline=None)
@given(fields(coupling=5.0))
def test_bounded_couplings_keep_their_sign_and_leave_each_statement_to_its_evidence(of: Field) -> None:
    within = bounded(of)
    total = np.zeros(len(of.bias))
    for (first, second), coupling in zip(within.edges, within.coupling, strict=True):
        total[first] += np.tanh(abs(coupling))
        total[second] += np.tanh(abs(coupling))
    assert (total < 1).all()
    assert (within.coupling * of.coupling >= 0).all()
    assert (np.abs(within.coupling) <= np.abs(of.coupling) + 1e-12).all()


def test_a_circle_of_support_lifts_nobody() -> None:
    """The control: without bounds a ring of strong support makes much of a hint; with them it stays one."""
    ring = field(50, [(i, (i + 1) % 50, 2.0) for i in range(50)], [0.02] * 50)
    assert marginals(ring).probability.min() > 0.7
    assert marginals(bounded(ring)).probability.max() < 0.6
