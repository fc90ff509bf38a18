"""Brings a snapshot of the beliefs up to later entries: folds only what they speak of, and judges what that bears on.

What hangs together with nothing that changed keeps its confidences bit for bit. Of the rest, parts that can be judged
exactly are, anew; in the others belief propagation goes on from the messages that the snapshot holds, until it would
have ended in any case. The field is bounded, so both ways have one end: that of judging everything from scratch.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ducktools.classbuilder.prefab import Prefab

from tars.memory.beliefs import COUPLING_MAX, COUPLINGS, Beliefs, Key, log_odds
from tars.memory.columns import COLUMNS, Stamp
from tars.memory.field import Field, bounded, components, marginals
from tars.memory.journal import apply_said, named_in, said_in
from tars.memory.numbers import np
from tars.memory.snapshot import BEARINGS, Snapshot, hash_of, line_of
from tars.memory.values import Belief, Relation
from tars.store import Entry

if TYPE_CHECKING:
    from numpy.typing import NDArray

TEXT_BYTES_KEPT: Final = 1 << 16
"""A text that is no longer is not made anew, whatever of it has become old."""


class Change(Prefab, frozen=True):
    """What entries changed: beliefs by id, None where one is no longer held; relations that are gone and new ones.
    `named` are the beliefs that each entry speaks of, by its number."""

    beliefs: dict[str, Belief | None]
    gone: tuple[Key, ...]
    new: tuple[Relation, ...]
    named: tuple[tuple[int, set[str]], ...]


def advance(snapshot: Snapshot, entries: Iterable[Entry], stamp: Stamp) -> Snapshot:
    """The snapshot after the entries, which follow its own in the journal and end with `stamp`."""
    change = _folded(snapshot, list(entries))
    arrays = {name: np.asarray(column) for name, column in snapshot.columns.items()}
    touched = _write_beliefs(arrays, snapshot, change)
    _drop_old_lines(arrays)
    if change.gone or change.new or (arrays["known"][: len(snapshot.known)] != np.asarray(snapshot.known)).any():
        touched = np.concatenate((touched, _relate(arrays, snapshot, change)))
    elif len(arrays["known"]) > len(snapshot.known):
        touched = np.concatenate((touched, _couple(arrays)))
    _judge(arrays, touched)
    return Snapshot(stamp, {name: _column(arrays, name).data for name in COLUMNS})


def empty() -> Snapshot:
    """The snapshot of an empty journal."""
    columns = {name: np.zeros(1 if name.endswith("_start") else 0, dtype=kind) for name, kind in COLUMNS.items()}
    return Snapshot(Stamp(0, ""), {name: column.data for name, column in columns.items()})


def _folded(snapshot: Snapshot, entries: list[Entry]) -> Change:
    """The entries applied to as much of the beliefs as they speak of."""
    beliefs = Beliefs()
    spoken: dict[str, None] = {}
    told = [(entry, list(said_in(entry))) for entry in entries]
    for _, all_said in told:
        for said in all_said:
            id = str(said["id"])
            row = snapshot.row_of(id) if id not in spoken or said.get("act") == "retract" else None
            spoken[id] = None
            if row is None:
                continue
            if snapshot.known[row] and id not in beliefs.beliefs:
                beliefs.beliefs[id] = snapshot.belief(row)
            numbers = (*snapshot.out_of(row), *(snapshot.into(row) if said.get("act") == "retract" else ()))
            for one in map(snapshot.relation, numbers):
                beliefs.relate(one)
    before = set(beliefs.relations)
    for entry, all_said in told:
        apply_said(beliefs, entry, all_said)
    new = tuple(one for key, one in beliefs.relations.items() if key not in before)
    gone = tuple(before.difference(beliefs.relations))
    named = tuple((entry.number, names) for entry, all_said in told if (names := named_in(all_said)))
    return Change({id: beliefs.beliefs.get(id) for id in spoken}, gone, new, named)


def _write_beliefs(arrays: Any, snapshot: Snapshot, change: Change) -> "NDArray[Any]":
    """Rows for what is new, and new lines for what changed. Returns the rows that have another bias or are new."""
    ids = dict.fromkeys((*change.beliefs, *(one.target for one in change.new)))
    ids |= dict.fromkeys(name for _, names in change.named for name in sorted(names))
    rows = {id: row for id in ids if (row := snapshot.row_of(id)) is not None}
    fresh = [id for id in ids if id not in rows]
    count = len(snapshot.known)
    rows |= {id: count + number for number, id in enumerate(fresh)}
    numbers = np.arange(count, count + len(fresh), dtype=np.int32)
    for name in ("start", "length", "known", "exact", "bias", "probability"):
        arrays[name] = np.concatenate((arrays[name], np.zeros(len(fresh), arrays[name].dtype)))
    arrays["part"] = np.concatenate((arrays["part"], numbers))
    if fresh:
        hashes = np.concatenate((arrays["hash"], np.array([hash_of(id) for id in fresh], dtype=np.uint64)))
        order = np.argsort(hashes, kind="stable")
        arrays["hash"], arrays["hashed"] = hashes[order], np.concatenate((arrays["hashed"], numbers))[order]
    lines, at, touched = [], len(arrays["text"]), []
    for id, row in rows.items():
        belief = change.beliefs.get(id)
        if id not in change.beliefs and row < count:
            continue
        bias = log_odds(belief.reports.values()) / 2.0 if belief else 0.0
        if bias != arrays["bias"][row] or row >= count:
            touched.append(row)
        line = line_of(belief or Belief(id, ""))
        arrays["start"][row], arrays["length"][row] = at, len(line)
        arrays["known"][row], arrays["bias"][row] = belief is not None, bias
        lines.append(line)
        at += len(line)
    arrays["text"] = np.concatenate((arrays["text"], np.frombuffer(b"".join(lines), dtype=np.uint8)))
    arrays["rows"] = rows
    by = np.repeat([entry for entry, _ in change.named], [len(names) for _, names in change.named])
    named = [rows[name] for _, names in change.named for name in sorted(names)]
    arrays["named"] = np.concatenate((arrays["named"], np.array(named, dtype=np.int32)))
    arrays["named_by"] = np.concatenate((arrays["named_by"], by.astype(np.int64)))
    return np.array(touched, dtype=np.int64)


def _drop_old_lines(arrays: Any) -> None:
    """Lines that others took the place of are left out of the text once they are most of it."""
    length = arrays["length"].astype(np.int64)
    if len(arrays["text"]) <= max(TEXT_BYTES_KEPT, 2 * int(length.sum())):
        return
    text = arrays["text"].tobytes()
    lines = (text[at : at + size] for at, size in zip(arrays["start"].tolist(), length.tolist(), strict=True))
    arrays["text"] = np.frombuffer(b"".join(lines), dtype=np.uint8)
    arrays["start"] = np.cumsum(length) - length


def _relate(arrays: Any, snapshot: Snapshot, change: Change) -> "NDArray[Any]":
    """Takes relations away and adds new ones. Returns the rows whose couplings changed."""
    gone = {snapshot.row_of(source): None for source, _, _ in change.gone}
    wanted = set(change.gone)
    dropped = [
        number
        for row in gone
        for number in snapshot.out_of(row or 0)
        if (one := snapshot.relation(number)) and (one.source, one.bearing, one.target) in wanted
    ]
    rows = arrays["rows"]
    added = (
        ("source", [rows[one.source] for one in change.new]),
        ("target", [rows[one.target] for one in change.new]),
        ("bearing", [BEARINGS.index(one.bearing) for one in change.new]),
    )
    for name, values in added:
        kept = np.delete(arrays[name], dropped) if dropped else arrays[name]
        arrays[name] = np.concatenate((kept, np.array(values, dtype=kept.dtype)))
    return _couple(arrays)


def _couple(arrays: Any) -> "NDArray[Any]":
    """The indices of relations, the couplings of all pairs, and the parts that hang together, anew; messages of pairs
    that stay are kept. Returns the rows of pairs that came, went or are coupled otherwise."""
    count = len(arrays["known"])
    for index, ends in (("out", "source"), ("in", "target")):
        arrays[index] = np.argsort(arrays[ends], kind="stable").astype(np.int32)
        starts = np.cumsum(np.bincount(arrays[ends], minlength=count))
        arrays[f"{index}_start"] = np.concatenate(([0], starts)).astype(np.int32)
    before = _pair_keys(arrays["first"], arrays["second"])
    coupling, message = arrays["coupling"], arrays["message"]
    held = (arrays["known"][arrays["source"]] & arrays["known"][arrays["target"]]).astype(bool)
    source, target = arrays["source"][held], arrays["target"][held]
    keys, inverse = np.unique(_pair_keys(np.minimum(source, target), np.maximum(source, target)), return_inverse=True)
    strengths = np.array([COUPLINGS[bearing] for bearing in BEARINGS])
    strength = np.bincount(inverse, weights=strengths[arrays["bearing"][held]], minlength=len(keys))
    edges = np.stack((keys >> 32, keys & 0xFFFFFFFF), axis=1)
    field = bounded(Field(arrays["bias"], edges, np.clip(strength, -COUPLING_MAX, COUPLING_MAX)))
    arrays["first"], arrays["second"] = edges[:, 0].astype(np.int32), edges[:, 1].astype(np.int32)
    arrays["coupling"] = field.coupling
    place = np.minimum(np.searchsorted(before, keys), max(0, len(before) - 1))
    same = before[place] == keys if len(before) else np.zeros(len(keys), dtype=bool)
    was = np.where(same, coupling[place], np.nan) if len(before) else np.full(len(keys), np.nan)
    halves = message.reshape(2, -1)
    arrays["message"] = np.where(same, halves[:, place], 0.0).ravel() if len(before) else np.zeros(2 * len(keys))
    stayed = np.zeros(len(before), dtype=bool)
    stayed[place[same]] = True
    lost = before[~stayed]
    arrays["part"] = _parts(arrays["part"], edges, edges[~same], len(lost) > 0).astype(np.int32)
    changed = np.concatenate((keys[was != field.coupling], lost))
    return np.concatenate((changed >> 32, changed & 0xFFFFFFFF))


def _parts(before: "NDArray[Any]", edges: "NDArray[Any]", new: "NDArray[Any]", has_lost: bool) -> "NDArray[Any]":
    """The parts that hang together: anew where a pair is gone, else those of before as `new` pairs join them."""
    if has_lost:
        return components(len(before), edges)
    joined: NDArray[Any] = components(len(before), before[new])[before]
    return joined


def _judge(arrays: Any, touched: "NDArray[Any]") -> None:
    """Judges the parts that hold a touched row; all others keep what they have."""
    if not len(touched):
        return
    count = len(arrays["known"])
    affected = np.zeros(count, dtype=bool)
    affected[arrays["part"][touched]] = True
    nodes = affected[arrays["part"]]
    pairs = np.flatnonzero(nodes[arrays["first"]])
    number = np.cumsum(nodes) - 1
    edges = np.stack((number[arrays["first"][pairs]], number[arrays["second"][pairs]]), axis=1)
    halves = arrays["message"].reshape(2, -1)
    field = Field(arrays["bias"][nodes], edges, arrays["coupling"][pairs])
    found = marginals(field, halves[:, pairs].ravel(), number[arrays["part"][nodes]])
    arrays["probability"][nodes], arrays["exact"][nodes] = found.probability, found.exact
    message = halves.copy()
    message[:, pairs] = found.message.reshape(2, -1)
    arrays["message"] = message.ravel()


def _pair_keys(first: "NDArray[Any]", second: "NDArray[Any]") -> "NDArray[Any]":
    return (first.astype(np.int64) << 32) | second.astype(np.int64)


def _column(arrays: Any, name: str) -> "NDArray[Any]":
    return np.ascontiguousarray(arrays[name], dtype=np.dtype(COLUMNS[name]))
