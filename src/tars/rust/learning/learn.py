"""Makes a candidate memory of what a project's episodes taught, and accepts it only if its canary set does not regress.

The replay buffer are the patterns of all successful episodes with what became of their patches; the canary set are the
golden entries, each mended anew in a folder of its own, once with the memory as it is and once with the candidate.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.episode.budget import Budget, Meter
from tars.episode.values import Status
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.workspace import read_files
from tars.rust.learning import memory
from tars.rust.learning.golden import lints_of, materialised
from tars.rust.learning.memory import REMEMBERED, Learnt
from tars.rust.learning.patterns import Pattern
from tars.rust.mending.context import Resources
from tars.rust.mending.episode import Options
from tars.rust.mending.fix import mend
from tars.store import Entry, Store, open_store

PROPOSERS: Final = ("memory", "compiler", "rules")
SUPPORT_GAIN: Final = 0.5
"""By how much of what is missing to certainty each further episode that taught the same brings it nearer."""
CONTRADICTED: Final = 0.5
"""What is left of a pattern's weight where another one mends the same mistake otherwise, and counts more."""


class Tried(Prefab, frozen=True):
    """One golden entry, mended anew with one memory."""

    id: str
    mended: bool
    probes: int
    seconds: float


class Trial(Prefab, frozen=True):
    """A candidate beside the memory as it is, on the same canary set."""

    candidate: Learnt
    current: tuple[Tried, ...]
    proposed: tuple[Tried, ...]
    patterns: int
    dropped: int

    @property
    def lost(self) -> tuple[str, ...]:
        """The entries that are mended with the memory as it is, and not with the candidate."""
        mended = {one.id for one in self.proposed if one.mended}
        return tuple(one.id for one in self.current if one.mended and one.id not in mended)

    @property
    def probes(self) -> tuple[int, int]:
        """How many probes both took for the entries that both mend."""
        both = {one.id for one in self.current if one.mended} & {one.id for one in self.proposed if one.mended}
        before, after = (sum(one.probes for one in some if one.id in both) for some in (self.current, self.proposed))
        return before, after

    @property
    def refusal(self) -> str:
        """Why the candidate is not to be accepted; empty where it is."""
        if self.lost:
            return f"it no longer mends {', '.join(one[:10] for one in self.lost)}"
        before, after = self.probes
        return f"it takes {after} probes for what took {before}" if after > before else ""

    def to_json(self) -> dict[str, Json]:
        before, after = self.probes
        return {
            "cases": len(self.current), "mended_before": sum(one.mended for one in self.current),
            "mended_after": sum(one.mended for one in self.proposed), "probes_before": before, "probes_after": after,
            "patterns": self.patterns, "dropped": self.dropped,
        }  # fmt: skip


def try_candidate(store: Store, canary: Sequence[Mapping[str, Any]], budget: Budget) -> Trial:
    """Makes the candidate and tries it. Nothing is accepted or written.

    Raises `UsageError` where there is no canary set or nothing to learn from, and what mending raises.
    """
    if not canary:
        raise UsageError(
            "there is no canary set, so no memory can be accepted", hint="keep some mends: `tarscli rust golden add ID`"
        )
    candidate = candidate_of(store)
    known = {entry.subject for entry in store.entries(kind=REMEMBERED)}
    if not known:
        raise UsageError("there is nothing to learn from yet", hint="`tarscli rust fix` remembers what it mends")
    current = Learnt({one.pattern.id: one.weight for one in memory.recalled(store)}, store.head)
    tried = [tuple(_tried(store, learnt, canary, budget)) for learnt in (current, candidate)]
    return Trial(candidate, tried[0], tried[1], len(candidate.patterns), len(known) - len(candidate.patterns))


def candidate_of(store: Store) -> Learnt:
    """Each pattern weighed by what became of its patches, by how many episodes taught it, and against the others that
    mend the same mistake otherwise; what the user took back more often than kept is dropped."""
    entries: dict[str, list[Entry]] = {}
    for entry in store.entries(kind=REMEMBERED, newest_first=True):
        entries.setdefault(entry.subject, []).append(entry)
    weights = {name: _supported(store, some) for name, some in entries.items()}
    mistakes: dict[tuple[object, ...], list[str]] = {}
    for name, some in entries.items():
        if weights[name] > 0:
            mistakes.setdefault(_mistake(memory.read_pattern(store, some[0])), []).append(name)
    for names in mistakes.values():
        best = max(weights[name] for name in names)
        for name in names:
            weights[name] *= 1.0 if weights[name] == best else CONTRADICTED
    return Learnt({name: round(weight, 4) for name, weight in sorted(weights.items()) if weight > 0}, store.head)


def _supported(store: Store, entries: Sequence[Entry]) -> float:
    worth = memory.worth(store, entries)
    further = len({entry.run for entry in entries}) - 1
    return 1.0 - (1.0 - worth) * SUPPORT_GAIN**further if worth > 0 else 0.0


def _mistake(pattern: Pattern) -> tuple[object, ...]:
    """What tells a mistake from others: what the compiler says of it, and of what."""
    return pattern.code, pattern.shape, pattern.words


def _tried(store: Store, learnt: Learnt, canary: Sequence[Mapping[str, Any]], budget: Budget) -> Iterator[Tried]:
    """Mends each entry with this memory, in a store that holds nothing else."""
    with TemporaryDirectory(prefix="tars-learn-") as folder, open_store(Path(folder) / ".tars") as other:
        for entry in store.entries(kind=REMEMBERED):
            pattern = memory.read_pattern(store, entry)
            memory.remember(other, [pattern], patch=str(entry.body["patch"]), episode=entry.run)
        memory.accept(other, Learnt(learnt.patterns, other.head), {})
        for golden in canary:
            yield _mended(golden, other, budget)


def _mended(golden: Mapping[str, Any], store: Store, budget: Budget) -> Tried:
    meter = Meter(budget)
    with materialised(golden) as target, open_checkers(target) as checkers:
        options = Options(
            tests=bool(golden["tests"]["run"]), lints=lints_of(golden), proposers=PROPOSERS, edition=target.edition,
            resources=Resources(store),
        )  # fmt: skip
        steps = mend(read_files(target), checkers, options, meter)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                done = end.value.status is Status.DONE
                return Tried(str(golden["id"]), done, meter.probes, meter.seconds())
