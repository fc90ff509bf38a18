"""The frozen values of memory: who says what, how sure, and how statements bear on one another."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute

TIME_MAX: Final = 253_402_300_799.0
"""The end of the year 9999, in seconds since 1970."""


class Bearing(StrEnum):
    """How one belief bears on another."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    REFINES = "refines"
    DERIVED_FROM = "derived_from"


class Relation(Prefab, frozen=True):
    """`source` bears on `target`; `weight` in (0, 1] is how strongly."""

    source: str
    bearing: Bearing
    target: str
    weight: float = 1.0


class Report(Prefab, frozen=True):
    """What one witness says of a statement. A later report of the same witness takes the place of its earlier one.

    `confidence` lies strictly between 0 and 1. `evidence` names what the witness rests on: paths, anchors, addresses.
    Two witnesses that name the same evidence are not independent.
    """

    witness: str
    confidence: float
    evidence: tuple[str, ...] = ()
    run: str = ""
    time: float = 0.0
    entry: int = 0
    """The number of the journal's entry that holds it."""


class Belief(Prefab, frozen=True):
    """A statement with all that was said of it and is not retracted; `reports` has one for each witness."""

    id: str
    statement: str
    reports: Mapping[str, Report] = attribute(default_factory=dict)


class Judged(Prefab, frozen=True):
    """A belief with how sure one may be of it, given everything: `confidence` in (0, 1), which is `exact` or that of
    belief propagation; `alone` is what its own reports say, before other beliefs bear on it."""

    belief: Belief
    confidence: float
    alone: float
    exact: bool


class Contradiction(Prefab, frozen=True):
    """Two beliefs that cannot both hold and are both believed. `chains` lead to each from what it ultimately rests on:
    each belief in a chain supports the next."""

    first: Judged
    second: Judged
    chains: tuple[tuple[str, ...], tuple[str, ...]]
    excess: float
    """By how much their confidences together exceed one."""


def fault_of_time(said: Mapping[str, object]) -> str:
    """What is wrong with the `time` of something as data, in a few words; empty where nothing is, or there is none."""
    time = said.get("time", 0.0)
    is_number = isinstance(time, int | float) and not isinstance(time, bool)
    if is_number and abs(time) <= TIME_MAX:  # type: ignore[arg-type]  # it is a number
        return ""
    return "its time must be a number of seconds since 1970, up to the year 9999"
