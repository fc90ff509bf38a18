"""The order of a run: needs first, then the longest measured path, then the order of the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.schedule import schedule


def module(name: str, *needs: str) -> Module:
    return Module(name, name, "python", Span("main.tars", 0, 0), needs=needs)


def work_off(modules: list[Module], seconds: dict[str, float]) -> list[str]:
    order = []
    plan = schedule(modules, seconds)
    while (name := plan.pop()) is not None:
        order.append(name)
        plan.done(name)
    return order


@pytest.mark.parametrize(
    ("modules", "seconds", "expected"),
    [
        ([module("a"), module("b")], {}, ["a", "b"]),
        ([module("a"), module("b")], {"b": 2.0, "a": 1.0}, ["b", "a"]),
        ([module("a"), module("b"), module("c", "b")], {"a": 1.5, "b": 1.0, "c": 1.0}, ["b", "a", "c"]),
        ([module("a"), module("b"), module("c", "b")], {"a": 3.0, "b": 1.0, "c": 1.0}, ["a", "b", "c"]),
        ([module("a", "elsewhere")], {}, ["a"]),
    ],
)
def test_longest_remaining_path_first(modules: list[Module], seconds: dict[str, float], expected: list[str]) -> None:
    assert work_off(modules, seconds) == expected


def test_drop_names_everything_that_can_no_longer_run() -> None:
    plan = schedule([module("a"), module("b", "a"), module("c", "b"), module("d")], {})
    assert plan.pop() == "a"
    assert plan.drop("a") == ["b", "c"]
    assert plan.pop() == "d"
    assert plan.pop() is None


def test_a_dropped_module_stays_dropped_when_its_other_needs_are_done() -> None:
    plan = schedule([module("a"), module("b"), module("c", "a", "b")], {})
    assert [plan.pop(), plan.pop()] == ["a", "b"]
    assert plan.drop("a") == ["c"]
    plan.done("b")
    assert plan.pop() is None


@given(
    st.lists(st.sets(st.integers(0, 19), max_size=4), max_size=20), st.lists(st.floats(0, 9), min_size=20, max_size=20)
)
def test_every_module_comes_once_and_after_its_needs(needs: list[set[int]], durations: list[float]) -> None:
    modules = [module(str(i), *(str(j) for j in sorted(before) if j < i)) for i, before in enumerate(needs)]
    order = work_off(modules, {str(i): durations[i] for i in range(len(modules))})
    assert sorted(order) == sorted(m.name for m in modules)
    place = {name: i for i, name in enumerate(order)}
    assert all(place[need] < place[m.name] for m in modules for need in m.needs)
