"""The operator seam: what makes patches. An operator sees candidates and their figures, and never runs anything."""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.plugins import Seam
from tars.core.values import Diagnostic
from tars.evolve.patch import Patch
from tars.evolve.values import Candidate, Step


class Situation(Prefab, frozen=True):
    """What an operator knows when it is asked: the parent to change, the best of all and others worth learning from.
    `ask` puts a question to a model, where one was chosen: (prompt, schema, seed) to the text of JSON."""

    language: str
    parent: Candidate
    best: Candidate
    others: Sequence[Candidate]
    random: random.Random
    ask: "Callable[[str, dict[str, Any], int], str] | None" = None
    findings: Sequence[Diagnostic] = ()
    """Of the parent, where it is a metascript with findings."""
    seen: Callable[[str], bool] = attribute(default=lambda text: False)
    plan: Sequence[Step] = ()
    """What the planner would try, the most promising first."""
    tell: Callable[[str], None] = attribute(default=lambda text: None)
    """Says what was wrong with something that came from outside, such as a model's answer: it is told at the end."""


class Operator(Protocol):
    """One for each session: it may remember what became of its patches."""

    def propose(self, situation: Situation) -> Patch | None:
        """A patch of the parent's text, or None where it has no idea. The same for the same situations before it."""
        ...

    def hear(self, candidate: Candidate, parent: Candidate) -> None:
        """What became of one of its patches; called in the order of the candidates' numbers."""
        ...


class Producer(Protocol):
    """What the file of an operator holds as `PLUGIN`."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Of `python`, `javascript`, `typescript`, `rust` and `tars` (metascripts)."""
        ...

    @property
    def costly(self) -> bool:
        """Whether what it proposed is taken from the record when a session goes on, instead of being asked again."""
        ...

    def start(self, seed: int) -> Operator:
        """Raises `UnavailableError` where something that it needs is not installed."""
        ...


OPERATORS: Final[Seam[Producer]] = Seam("evolve operator", "tars.evolve.operators", "tars.evolve.operators")
SOURCES: Final = ("python", "javascript", "typescript", "rust")


class Plain(Prefab, frozen=True):
    """An operator that remembers nothing: one function."""

    languages: tuple[str, ...]
    make: Callable[[Situation], Patch | None]
    costly: bool = False

    def start(self, seed: int) -> Operator:
        return _Forgetful(self.make)


class _Forgetful(Prefab, frozen=True):
    make: Callable[[Situation], Patch | None]

    def propose(self, situation: Situation) -> Patch | None:
        return self.make(situation)

    def hear(self, candidate: Candidate, parent: Candidate) -> None:
        """It does not learn."""
