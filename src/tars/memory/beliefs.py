"""The beliefs of a project, folded from its journal: one entry after the other, none ever changed.

Rule. A report with confidence c is worth log(c / (1 - c)). Reports that share a piece of evidence, directly or through
others, are one testimony and worth their mean; independent testimonies add up. Relations couple statements in a Markov
field (`tars.memory.field`), whose marginals are the confidences. Retracting a belief takes its reports and relations
away, and whatever rested on it is judged anew.
"""

import math
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING

from tars.memory.evidence import source_of
from tars.memory.values import Bearing, Belief, Judged, Relation, Report

if TYPE_CHECKING:
    from tars.memory.field import Field

Key = tuple[str, Bearing, str]
"""A relation's source, bearing and target."""
COUPLINGS = {Bearing.SUPPORTS: 0.5, Bearing.CONTRADICTS: -0.5, Bearing.REFINES: 0.25, Bearing.DERIVED_FROM: 0.5}
"""The coupling of a relation of full weight; all relations of two beliefs together are at most this strong."""
COUPLING_MAX = 0.5
LOG_ODDS_MAX = 7.0
"""What one testimony may be worth: nobody is surer than one in a thousand."""


class Beliefs:
    """All beliefs at one moment of the journal. `apply` moves it on."""

    def __init__(self, among: Container[str] | None = None) -> None:
        """Where ids are given, relations to others are left out."""
        self._among = among
        self.beliefs: dict[str, Belief] = {}
        self.relations: dict[Key, Relation] = {}
        """To be changed by `relate` and `retract` only."""
        self._of: dict[str, dict[Key, None]] = {}
        """The relations of each belief, in the order in which they were stated."""
        self._odds: dict[str, float] = {}
        """What the reports on a belief are worth together, where that was asked since the last of them."""
        self.entry = 0
        """The number of the last entry that was applied."""

    def report(self, id: str, statement: str, report: Report) -> None:
        """What a witness says; an empty statement keeps the one that is there."""
        known = self.beliefs.get(id)
        reports = {**known.reports, report.witness: report} if known else {report.witness: report}
        self._odds.pop(id, None)
        self.beliefs[id] = Belief(id, statement or (known.statement if known else ""), reports)

    def relate(self, relation: Relation) -> None:
        """Sets a relation; one of a belief with itself is left out. Either end may become known later."""
        among = self._among
        if relation.source != relation.target and (
            among is None or (relation.source in among and relation.target in among)
        ):
            key = (relation.source, relation.bearing, relation.target)
            self.relations[key] = relation
            for end in (relation.source, relation.target):
                self._of.setdefault(end, {})[key] = None

    def relations_of(self, id: str) -> Iterator[Relation]:
        """The relations that a belief states, and those that others state about it."""
        return (self.relations[key] for key in self._of.get(id, ()))

    def ends_of(self, id: str) -> Iterator[str]:
        """The beliefs that it is related to, by its own word or theirs; some may not be held."""
        return (target if source == id else source for source, _, target in self._of.get(id, ()))

    def connected_with(self, id: str) -> set[str]:
        """The belief itself, and all that relations lead to from it, one after the other."""
        found, queue = {id}, [id]
        for one in queue:
            fresh = set(self.ends_of(one)) - found
            found |= fresh
            queue += fresh
        return found

    def retract(self, id: str) -> None:
        """Takes a belief away with all that was said of it and all that it bore on."""
        self.beliefs.pop(id, None)
        self._odds.pop(id, None)
        for key in self._of.pop(id, {}):
            del self.relations[key]
            self._of.get(key[2] if key[0] == id else key[0], {}).pop(key, None)

    def confidence_of(self, id: str, among: Iterable[str]) -> float | None:
        """How sure one may be of one belief, as if there were no others than those `among` the ids; None where it is
        not held."""
        from tars.memory.field import bounded, marginals  # noqa: PLC0415  (numpy is an extra, and slow to load)

        if id not in self.beliefs:
            return None
        names = [name for name in among if name in self.beliefs]
        return float(marginals(bounded(self._field(names))).probability[names.index(id)])

    def judged(self) -> dict[str, Judged]:
        """Every belief with its confidence. Raises `UnavailableError` where numpy is missing."""
        from tars.memory.field import bounded, marginals  # noqa: PLC0415  (numpy is an extra, and slow to load)

        names = list(self.beliefs)
        field = self._field(names)
        found = marginals(bounded(field))
        probabilities, exact = found.probability.tolist(), found.exact.tolist()
        alone = [1.0 / (1.0 + math.exp(-2.0 * bias)) for bias in field.bias.tolist()]
        return {
            name: Judged(self.beliefs[name], probabilities[index], alone[index], exact[index])
            for index, name in enumerate(names)
        }

    def _odds_of(self, id: str) -> float:
        if id not in self._odds:
            self._odds[id] = log_odds(self.beliefs[id].reports.values())
        return self._odds[id]

    def _field(self, names: list[str]) -> "Field":
        import numpy as np  # noqa: PLC0415  (an extra, and slow to load)

        from tars.memory.field import Field  # noqa: PLC0415  (as above)

        index = {name: number for number, name in enumerate(names)}
        couplings: dict[tuple[int, int], float] = {}
        for one in self.relations.values():
            first, second = index.get(one.source, -1), index.get(one.target, -1)
            if first >= 0 and second >= 0:
                pair = (first, second) if first < second else (second, first)
                couplings[pair] = couplings.get(pair, 0.0) + COUPLINGS[one.bearing] * one.weight
        bias = np.array([self._odds_of(name) / 2.0 for name in names], dtype=float)
        pairs = np.array(list(couplings), dtype=np.int64).reshape(-1, 2)
        strength = np.clip(np.array(list(couplings.values()), dtype=float), -COUPLING_MAX, COUPLING_MAX)
        return Field(bias, pairs, strength)


def log_odds(reports: Iterable[Report]) -> float:
    """What reports on one statement are worth together: each testimony once. Nothing is worth 0, that is 1 : 1."""
    return sum(_mean(worths) for worths in _testimonies(list(reports)))


def _testimonies(reports: list[Report]) -> list[list[float]]:
    """The worths of the reports, those that share evidence together."""
    if len(reports) == 1:
        return [[_worth(reports[0].confidence)]]
    group = list(range(len(reports)))

    def root(index: int) -> int:
        while group[index] != index:
            group[index] = group[group[index]]
            index = group[index]
        return index

    seen: dict[str, int] = {}
    for index, report in enumerate(reports):
        for name in map(source_of, report.evidence):
            group[root(index)] = root(seen.setdefault(name, index))
    gathered: dict[int, list[float]] = {}
    for index, report in enumerate(reports):
        gathered.setdefault(root(index), []).append(_worth(report.confidence))
    return list(gathered.values())


def _worth(confidence: float) -> float:
    return max(-LOG_ODDS_MAX, min(LOG_ODDS_MAX, math.log(confidence / (1.0 - confidence))))


def _mean(worths: list[float]) -> float:
    return sum(worths) / len(worths)
