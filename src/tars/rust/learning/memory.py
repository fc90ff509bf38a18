"""What a project remembers of its mends: edit patterns, and how much each of them counts.

Patterns come from episodes (`rust-memory` entries). What `learn` accepted (the last `rust-learnt` entry) says how much
each counts, and what was dropped; patterns that came after it count by what became of their patches.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import CorruptError
from tars.core.values import Digest, Json
from tars.rust.learning.patterns import Pattern, pattern_from, shape_of
from tars.rust.patches.review import State, state_of
from tars.rust.values import RustDiagnostic
from tars.store import Entry, Store

REMEMBERED, LEARNT = "rust-memory", "rust-learnt"
_WORTH: Final[Mapping[State, float]] = {
    State.APPLIED: 1.0,
    State.PROPOSED: 0.7,
    State.ROLLED_BACK: -1.0,
}
"""How much a patch that a pattern was learnt from speaks for it: one that was taken back speaks against it."""
PATTERNS_MAX: Final = 2000


class Remembered(Prefab, frozen=True):
    """A pattern and how much it counts, in (0, 1]; `episodes` are those that it was learnt from, the newest first."""

    pattern: Pattern
    weight: float
    episodes: tuple[str, ...]


class Learnt(Prefab, frozen=True):
    """A memory that passed its canary set: how much each pattern counts, by id; those that it does not name were
    dropped. `until` is the number of the last journal entry that it was made from."""

    patterns: Mapping[str, float] = attribute(default_factory=dict)
    until: int = 0

    def to_json(self) -> dict[str, Json]:
        return {"patterns": dict(self.patterns), "until": self.until}


def remember(store: Store, patterns: Iterable[Pattern], *, patch: str, episode: str) -> int:
    """Records the patterns that were learnt from a patch; returns how many are new for it."""
    known = {entry.subject for entry in store.entries(kind=REMEMBERED, run=episode)}
    new = [one for one in patterns if one.id not in known]
    if not new:
        return 0
    with store.transaction() as tx:
        for pattern in new:
            digest = store.objects.put(json.dumps(pattern.to_json(), sort_keys=True).encode())
            tx.append(REMEMBERED, {"objects": [digest], "patch": patch}, subject=pattern.id, run=episode)
    return len(new)


def recalled(store: Store, learnt: Learnt | None = None) -> tuple[Remembered, ...]:
    """Every pattern that counts, the weightiest and then the newest first, at most `PATTERNS_MAX`."""
    accepted = accepted_memory(store) if learnt is None else learnt
    found: dict[str, list[Entry]] = {}
    for entry in store.entries(kind=REMEMBERED, newest_first=True):
        found.setdefault(entry.subject, []).append(entry)
        if len(found) >= PATTERNS_MAX:
            break
    kept = []
    for name, entries in found.items():
        weight = accepted.patterns.get(name, 0.0) if entries[0].number <= accepted.until else worth(store, entries)
        if weight > 0:
            pattern = read_pattern(store, entries[0])
            kept.append(Remembered(pattern, min(weight, 1.0), tuple(dict.fromkeys(entry.run for entry in entries))))
    return tuple(sorted(kept, key=lambda one: -one.weight))


def worth(store: Store, entries: Iterable[Entry]) -> float:
    """What the patches that a pattern was learnt from say of it: at most 1, and nothing where they speak against it."""
    worths = [_WORTH[state_of(store, str(entry.body["patch"]))] for entry in entries]
    return max(worths) if sum(worths) > 0 else 0.0


def accepted_memory(store: Store) -> Learnt:
    """What `learn` accepted last; an empty one where it never did."""
    entry = store.latest(LEARNT)
    if entry is None:
        return Learnt()
    body = _object(store, entry)
    return Learnt(dict(body["patterns"]), int(body["until"]))


def accept(store: Store, learnt: Learnt, canary: Mapping[str, Json]) -> None:
    """Records a memory as the accepted one, with what its canary set showed."""
    digest = store.objects.put(json.dumps(learnt.to_json(), sort_keys=True).encode())
    with store.transaction() as tx:
        tx.append(LEARNT, {"objects": [digest], "canary": dict(canary)})


def fitting(store: Store, diagnostic: RustDiagnostic) -> list[Remembered]:
    """The patterns for diagnostics of this code, or, where it has none, of this shape, the best first."""
    return _by_key(store, str(store.root), store.head).get(diagnostic.code or shape_of(diagnostic.message), [])


@lru_cache(maxsize=8)
def _by_key(store: Store, root: str, head: int) -> dict[str, list[Remembered]]:
    """Kept for as long as the journal does not grow; the root is there to tell stores apart."""
    found: dict[str, list[Remembered]] = {}
    for one in recalled(store):
        found.setdefault(one.pattern.code or one.pattern.shape, []).append(one)
    return found


def read_pattern(store: Store, entry: Entry) -> Pattern:
    try:
        return pattern_from(_object(store, entry))
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptError(
            f"entry {entry.number} names no pattern: {error}", hint="run `tarscli store verify`"
        ) from None


def _object(store: Store, entry: Entry) -> dict[str, Any]:
    objects = entry.body["objects"]
    assert isinstance(objects, list)
    body = json.loads(store.objects.get(Digest(str(objects[0]))))
    assert isinstance(body, dict)
    return body
