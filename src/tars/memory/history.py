"""How a confidence came about: one step for each entry of the journal that bore on it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tars.memory.beliefs import Beliefs
from tars.memory.journal import apply, entries, named_in
from tars.store import Entry, Store

NEAR_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Step:
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
    said = [(entry, names) for entry in entries(store) if (names := named_in(entry))]
    related = _connected(id, [names for _, names in said])
    relevant = [(entry, names) for entry, names in said if not related.isdisjoint(names)]
    beliefs = Beliefs()
    steps: list[Step] = []
    confidence: float | None = None
    for number, (entry, _) in enumerate(relevant):
        about = apply(beliefs, entry)
        if number < len(relevant) - steps_max:
            continue
        judged = beliefs.among(related).judged().get(id)
        now = judged.confidence if judged else None
        if id in about or _differ(now, confidence):
            steps.append(Step(entry, about, now))
            confidence = now
    return steps


def _differ(now: float | None, before: float | None) -> bool:
    if now is None or before is None:
        return now is not before
    return abs(now - before) > 5e-4


def _connected(id: str, groups: Sequence[set[str]]) -> set[str]:
    """All beliefs that groups of beliefs connect with one, or the `NEAR_MAX` nearest of them."""
    near: dict[str, dict[str, None]] = {}
    for group in groups:
        for name in sorted(group):
            near.setdefault(name, {}).update(dict.fromkeys(sorted(group)))
    found, queue = {id}, deque([id])
    while queue:
        for other in near.get(queue.popleft(), ()):
            if other not in found and len(found) < NEAR_MAX:
                found.add(other)
                queue.append(other)
    return found
