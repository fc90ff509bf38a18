"""How a confidence came about: one step for each entry of the journal that bore on it."""

from collections import deque
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.memory.beliefs import Beliefs
from tars.memory.current import current
from tars.memory.journal import apply
from tars.memory.snapshot import Snapshot
from tars.store import Entry, Store

NEAR_MAX: Final = 300


class Step(Prefab, frozen=True):
    """An entry after which a belief was as sure as `confidence`, or None while it was not held; `about` are the beliefs
    that the entry spoke of."""

    entry: Entry
    about: tuple[str, ...]
    confidence: float | None


def history(store: Store, id: str, *, steps_max: int = 1_000) -> list[Step]:
    """The steps of one belief, oldest first: those of the entries that spoke of it, or of a belief that was ever
    connected with it, and changed it. Costs one inference for each such entry; at most the last `steps_max` count.

    Of more than `NEAR_MAX` connected beliefs the nearest count, for what is far bears on it little.
    """
    snapshot = current(store)
    row = snapshot.row_of(id)
    related = _connected(snapshot, row) if row is not None else {}
    relevant = sorted({number for numbers in related.values() for number in numbers})
    beliefs = Beliefs(related)
    steps: list[Step] = []
    bears = {id}
    """What bears on the belief at that moment; other related ones came to it later, or left it."""

    def confidence_now() -> float | None:
        return beliefs.confidence_of(id, [each for each in related if each in bears])

    confidence: float | None = None
    first = len(relevant) - steps_max
    for place, number in enumerate(relevant):
        if place == first:
            confidence = confidence_now()
        entry = next(store.entries(after=number - 1, limit=1))
        about = apply(beliefs, entry)
        if all(each not in bears and bears.isdisjoint(beliefs.ends_of(each)) for each in about):
            continue
        bears = beliefs.connected_with(id)
        if place >= first:
            now = confidence_now()
            if id in about or _differ(now, confidence):
                steps.append(Step(entry, about, now))
                confidence = now
    return steps


def _differ(now: float | None, before: float | None) -> bool:
    if now is None or before is None:
        return now is not before
    return abs(now - before) > 5e-4


def _connected(snapshot: Snapshot, row: int) -> dict[str, list[int]]:
    """All beliefs that entries ever connected with one, or the `NEAR_MAX` nearest of them, each with the numbers of the
    entries that speak of it."""
    start = snapshot.id_of(row)
    found: dict[str, list[int]] = {start: []}
    queue = deque([start])
    while queue:
        id = queue.popleft()
        at = snapshot.row_of(id)
        assert at is not None, "what an entry speaks of has a row"
        found[id] = snapshot.named_by(at)
        for other in dict.fromkeys(name for number in found[id] for name in snapshot.named_in(number)):
            if other not in found and len(found) < NEAR_MAX:
                found[other] = []
                queue.append(other)
    return found
