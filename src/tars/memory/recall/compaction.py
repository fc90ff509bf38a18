"""Compaction: memories go by a stated policy, each with its reason, and never silently.

A plan is made first and changes nothing. Carrying it out writes one transaction that names the policy and each id; the
journal keeps what was said, so that it can be taken back by adding it again.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.values import Json
from tars.memory.recall.arrays import np
from tars.memory.recall.index import Index
from tars.memory.recall.memories import KIND, id_of, remembered
from tars.memory.recall.values import TEXT_MAX, Memory

DAY_SECONDS: Final = 86_400.0
KEPT: Final = "keep"
"""Memories with this key in their metadata never go."""
SUMMARY: Final = "summary_of"
LINES_MAX: Final = 8
LINE_CHARACTERS_MAX: Final = 300


class Policy(Prefab, frozen=True):
    """What goes: of texts that are alike (`same` is the least cosine, where all metadata are equal) all but the newest;
    what is older than `days`; and all but the newest `newest`. `summarise` names a metadata key: old memories with the
    same value of it leave a summary of their most telling lines behind, which are quoted, not written anew."""

    same: float | None = None
    days: float | None = None
    newest: int | None = None
    summarise: str = ""

    def as_json(self) -> dict[str, Json]:
        return {"same": self.same, "days": self.days, "newest": self.newest, "summarise": self.summarise}


class Plan(Prefab, frozen=True):
    """What goes, by id, with the reason, and the summaries that stay in its place."""

    policy: Policy
    gone: Mapping[str, str]
    summaries: tuple[Memory, ...]
    kept: int


def plan(index: Index, policy: Policy, now: float) -> Plan:
    """What the policy would do at the time `now` (seconds since 1970). Changes nothing."""
    memories = [one for one in remembered(index.store).memories.values() if KEPT not in one.metadata]
    kept = len(remembered(index.store).memories)
    newest_first = sorted(memories, key=lambda one: -one.time)
    gone: dict[str, str] = {}
    if policy.same is not None:
        gone |= _alike(index, newest_first, policy.same)
    staying = [one for one in newest_first if one.id not in gone]
    old: dict[str, str] = {}
    if policy.days is not None:
        limit = now - policy.days * DAY_SECONDS
        old |= {one.id: f"older than {policy.days:g} days" for one in staying if one.time < limit}
    if policy.newest is not None:
        old |= {
            one.id: f"not among the newest {policy.newest:,}" for one in staying[policy.newest :] if one.id not in old
        }
    aged = [one for one in staying if one.id in old and SUMMARY not in one.metadata]
    summaries = _summaries(index, aged, policy.summarise) if policy.summarise else ()
    return Plan(policy, {**gone, **old}, summaries, kept - len(gone) - len(old))


def carry_out(index: Index, planned: Plan) -> int:
    """Writes the plan, all or nothing, and returns the journal's last entry; nothing is written where nothing goes."""
    if planned.gone:
        with index.store.transaction() as transaction:
            if planned.summaries:
                items: list[Json] = [
                    {"id": one.id, "text": one.text, "metadata": dict(one.metadata), "time": one.time}
                    for one in planned.summaries
                ]
                transaction.append(KIND, {"act": "add", "items": items})
            reasons: dict[str, Json] = dict(planned.gone)
            said: dict[str, Json] = {
                "act": "forget", "ids": list(planned.gone), "why": "compaction", "policy": planned.policy.as_json(),
                "reasons": reasons,
            }  # fmt: skip
            transaction.append(KIND, said)
        index.catch_up()
    return index.store.head


def _alike(index: Index, newest_first: Iterable[Memory], least: float) -> dict[str, str]:
    """Memories that a newer one with equal metadata says as well."""
    gone: dict[str, str] = {}
    groups: dict[tuple[tuple[str, str], ...], list[Memory]] = {}
    for one in newest_first:
        groups.setdefault(tuple(sorted(one.metadata.items())), []).append(one)
    for group in groups.values():
        vectors = _vectors(index, group)
        spelt = [" ".join(one.text.lower().split()) for one in group]
        for place, one in enumerate(group):
            cosines = vectors[:place] @ vectors[place]
            for earlier in range(place):
                same = spelt[earlier] == spelt[place]
                if group[earlier].id not in gone and (same or cosines[earlier] >= least):
                    gone[one.id] = f"{group[earlier].id} says the same ({1.0 if same else float(cosines[earlier]):.2f})"
                    break
    return gone


def _summaries(index: Index, aged: Iterable[Memory], key: str) -> tuple[Memory, ...]:
    """One memory for each value of the key that at least two aged memories share."""
    groups: dict[str, list[Memory]] = {}
    for one in aged:
        if key in one.metadata:
            groups.setdefault(one.metadata[key], []).append(one)
    made = []
    for value, group in sorted(groups.items()):
        if len(group) < 2:
            continue
        vectors = _vectors(index, group)
        central = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")[:LINES_MAX]
        lines = [f"- {' '.join(group[place].text.split())[:LINE_CHARACTERS_MAX]}" for place in sorted(central.tolist())]
        head = f"{key} {value}: {len(group)} memories, of which these say most:"
        text = "\n".join([head, *lines])[:TEXT_MAX]
        metadata = {key: value, SUMMARY: str(len(group))}
        made.append(Memory(id_of(text, metadata), text, metadata, max(one.time for one in group)))
    return tuple(made)


def _vectors(index: Index, memories: Iterable[Memory]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """float32[n, DIMENSIONS] of memories that are in the index."""
    rows = []
    for one in memories:
        row = index.connection.execute(
            "SELECT vector FROM passages WHERE kind = 'memory' AND id = ?", (one.id,)
        ).fetchone()
        rows.append(row[0])
    size = len(rows[0]) // 2
    return np.frombuffer(b"".join(rows), dtype=np.float16).reshape(-1, size).astype(np.float32)
