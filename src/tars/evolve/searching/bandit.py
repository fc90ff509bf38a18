"""Shares the budget among the producers: each gets its turn by what its candidates improved for what they cost.

The upper confidence bound of UCB1 (P. Auer et al., Finite-time Analysis of the Multiarmed Bandit Problem, 2002) over
improvement for cost, with a memory that fades. Costs are counted, not timed (an evaluation is 1, a thousand tokens of a
model are 1), so that a session with the same seed goes the same way on a slower machine.
"""

from collections.abc import Iterable
from math import log, sqrt
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute

FADE: Final = 0.97
CURIOSITY: Final = 0.35
BEST, BETTER, FAILED, OTHERWISE = 1.0, 0.4, 0.0, 0.05
"""The worth of a candidate: the best so far, better than its parent, of no use, and none of these."""


class _Arm(Prefab):
    worth: float = 0.0
    cost: float = 0.0
    turns: float = 0.0


class Bandit(Prefab):
    names: tuple[str, ...]
    _arms: dict[str, _Arm] = attribute(default_factory=dict)
    _given: dict[str, int] = attribute(default_factory=dict)
    """Turns that were given and not heard of yet: so that one batch does not go to one producer alone."""

    def __prefab_post_init__(self) -> None:
        self._arms = {name: _Arm() for name in self.names}
        self._given = dict.fromkeys(self.names, 0)

    def choose(self, without: Iterable[str] = ()) -> str | None:
        """The producer whose turn it is; None where all are in `without`."""
        left = [name for name in self.names if name not in set(without)]
        if not left:
            return None
        name = max(left, key=self._bound)
        self._given[name] += 1
        return name

    def take_back(self, name: str) -> None:
        """The turn came to nothing: the producer had no idea."""
        self._given[name] -= 1

    def hear(self, name: str, worth: float, cost: float = 1.0) -> None:
        """What came of a turn; what came of earlier ones counts a little less from now on."""
        self._given[name] = max(0, self._given[name] - 1)
        for arm in self._arms.values():
            arm.worth, arm.cost, arm.turns = arm.worth * FADE, arm.cost * FADE, arm.turns * FADE
        arm = self._arms[name]
        arm.worth, arm.cost, arm.turns = arm.worth + worth, arm.cost + cost, arm.turns + 1

    def shares(self) -> dict[str, float]:
        """What each gained for its cost, lately."""
        return {name: arm.worth / arm.cost if arm.cost else 0.0 for name, arm in self._arms.items()}

    def _bound(self, name: str) -> float:
        arm, waiting = self._arms[name], self._given[name]
        turns = arm.turns + waiting
        if turns < 0.5:
            return 1e9 - self.names.index(name)
        total = sum(one.turns for one in self._arms.values()) + sum(self._given.values())
        return arm.worth / (arm.cost + waiting) + CURIOSITY * sqrt(log(total + 1) / turns)
