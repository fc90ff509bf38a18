"""The project's beliefs now, or at an earlier moment: from the kept snapshot where it is to be trusted, and up to date.

`.tars/cache/beliefs` holds a snapshot. It counts only where its seal is whole and the journal's entry that it stands
for is the one in this journal; what follows is folded in. Otherwise the journal is folded from its beginning. Snapshots
of earlier moments are kept beside it (`moments`). Any number of processes may do this at once: each writes a whole file
under another name and renames it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.memory import moments
from tars.memory.columns import Stamp
from tars.memory.journal import KIND, entries, said_in
from tars.memory.snapshot import Snapshot
from tars.store import Entry, Store

FILE: Final = "beliefs"
BEHIND_MAX: Final = 1_000
"""A snapshot that so many entries follow is written anew, also where none of them holds a belief."""


@contextmanager
def _unswept() -> Iterator[None]:
    """Folding makes many small values and no circles of them: looking for some takes as long as all the rest."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_unswept()
def current(store: Store) -> Snapshot:
    """The beliefs as they are. Raises `UnavailableError` where something is to be judged and numpy is missing."""
    path = _path(store)
    head = store.head
    kept = moments.read(path, store)
    if kept is not None and kept.entry >= head:
        return kept
    after = kept.entry if kept else 0
    tail = _telling(entries(store, after=after, until=head))
    if kept is not None and not tail and head - after < BEHIND_MAX:
        return kept
    found = _advanced(kept, tail, Stamp(head, moments.digest_of(store, head)))
    moments.keep(store, found, path)
    return found


def is_held(store: Store, id: str) -> bool:
    """Whether a belief of that id is held now; nothing is judged for it where a snapshot is kept."""
    kept = moments.read(_path(store), store)
    if kept is None:
        return current(store).find(id) is not None
    held = kept.find(id) is not None
    for entry in entries(store, after=kept.entry):
        for said in said_in(entry):
            if said["id"] == id:
                held = said.get("act") != "retract"
    return held


@_unswept()
def moment(store: Store, *, until: int | None = None, before: float | None = None) -> Snapshot:
    """The beliefs as they were after the entry `until`, or at the time `before` (seconds since 1970): what is kept of
    the latest moment before that, and what followed it. Where much followed, moments on the way are kept."""
    found = next(_known(store, until, before), None)
    told = _telling(entries(store, after=found.entry if found else 0, until=until, before=before))
    apart = moments.entries_apart(store.head)
    while len(told) > apart:
        found = _advanced(found, told[:apart], _stamp(told[apart - 1]))
        moments.keep(store, found)
        told = told[apart:]
    return found if found is not None and not told else _advanced(found, told, _stamp(*told[-1:]))


@_unswept()
def folded(store: Store) -> Snapshot:
    """The beliefs as they are, folded from the journal's beginning and judged at once, whatever is kept."""
    told = _telling(entries(store))
    return _advanced(None, told, _stamp(*told[-1:]))


def followed(snapshot: Snapshot, told: list[Entry]) -> Snapshot:
    """The beliefs as they would be after entries that are in no journal; never kept."""
    return _advanced(snapshot, told, snapshot.stamp)


def _telling(found: Iterator[Entry]) -> list[Entry]:
    """Those that may hold beliefs."""
    return [entry for entry in found if entry.kind == KIND or any(said_in(entry))]


def _advanced(kept: Snapshot | None, told: list[Entry], stamp: Stamp) -> Snapshot:
    # numpy is an extra, and takes longer to load than a question that needs no judging takes as a whole
    from tars.memory.merging import advance, empty  # noqa: PLC0415

    kept = kept or empty()
    return advance(kept, told, replace(stamp, time=max((kept.stamp.time, *(entry.time for entry in told)))))


def _stamp(entry: Entry | None = None) -> Stamp:
    return Stamp(entry.number, entry.digest) if entry is not None else Stamp(0, "")


def _known(store: Store, until: int | None, before: float | None) -> Iterator[Snapshot]:
    """The kept snapshots of moments up to the one that is asked for, the latest first."""
    latest = moments.read(_path(store), store)
    if (
        latest is not None
        and (until is None or latest.entry <= until)
        and (before is None or latest.stamp.time <= before)
    ):
        yield latest
    yield from moments.earlier(store, until, before)


def _path(store: Store) -> Path:
    return store.root / "cache" / FILE
