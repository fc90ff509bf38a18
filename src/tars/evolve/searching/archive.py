"""The population: islands, each with a grid that keeps the best candidate of every kind.

A kind is how large the text is beside the version before, and who made it: so a long way of doing it survives beside a
short one until one of them is better at its own size. Every so often each island's best visits the next island.
J.-B. Mouret, J. Clune, Illuminating search spaces by mapping elites, 2015.
"""

from collections.abc import Sequence
from math import log2
from random import Random
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.evolve.values import Candidate

ISLANDS_MAX: Final = 4
CANDIDATES_AN_ISLAND: Final = 60
"""A budget with room for fewer has fewer islands."""
MIGRATION: Final = 40
OTHERS_MAX: Final = 6
_BEST, _ELITE = 0.55, 0.85


class Archive(Prefab):
    """All candidates by number, and the islands' grids."""

    islands: int
    candidates: dict[int, Candidate] = attribute(default_factory=dict)
    digests: dict[str, int] = attribute(default_factory=dict)
    best: int = 0
    _grids: list[dict[tuple[int, str], int]] = attribute(default_factory=list)
    _bests: list[int] = attribute(default_factory=list)

    def __prefab_post_init__(self) -> None:
        self._grids = [{} for _ in range(self.islands)]
        self._bests = [0] * self.islands

    def add(self, candidate: Candidate, key: str) -> None:
        """Takes a candidate whose figures are known; `key` is what its equals have in common."""
        self.candidates[candidate.number] = candidate
        self.digests[key] = candidate.number
        if candidate.figures.fault:
            return
        if candidate.number == 0:
            for island in range(self.islands):
                self._settle(candidate, island)
            return
        self._settle(candidate, candidate.number % self.islands)
        if candidate.score > self.candidates[self.best].score:
            self.best = candidate.number
        if self.islands > 1 and candidate.number % MIGRATION == 0:
            for island, visitor in enumerate(list(self._bests)):
                self._settle(self.candidates[visitor], (island + 1) % self.islands)

    def parent(self, number: int, draw: Random) -> Candidate:
        """Whom the candidate of that number is to be made from: mostly its island's best, else another of its elite."""
        island = number % self.islands
        chance = draw.random()
        if chance < _BEST:
            return self.candidates[self._bests[island]]
        if chance < _ELITE:
            elite = sorted(set(self._grids[island].values()), key=lambda one: (-self.candidates[one].score, one))
            return self.candidates[elite[min(int(draw.expovariate(0.5)), len(elite) - 1)] if elite else 0]
        return self.candidates[self.best]

    def others(self, number: int) -> Sequence[Candidate]:
        """The elite of the island, the best first, and the best of all."""
        elite = sorted({*self._grids[number % self.islands].values(), self.best})
        return sorted((self.candidates[one] for one in elite), key=lambda one: (-one.score, one.number))[:OTHERS_MAX]

    def ranked(self) -> list[Candidate]:
        """Those that are better than the version before, the best first; of equals the shorter, then the earlier."""
        base = self.candidates[0].score
        better = [one for one in self.candidates.values() if not one.figures.fault and one.score > base]
        return sorted(better, key=lambda one: (-one.score, len(one.text), one.number))

    def _settle(self, candidate: Candidate, island: int) -> None:
        size = round(2 * log2(max(1, len(candidate.text)) / max(1, len(self.candidates[0].text))))
        kind = size, candidate.producer
        held = self._grids[island].get(kind)
        if held is None or self.candidates[held].score < candidate.score:
            self._grids[island][kind] = candidate.number
        if self.candidates[self._bests[island]].score < candidate.score:
            self._bests[island] = candidate.number


def islands_for(evaluations_max: int) -> int:
    return max(1, min(ISLANDS_MAX, evaluations_max // CANDIDATES_AN_ISLAND))
