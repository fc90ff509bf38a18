"""The project's beliefs now, or at an earlier moment: from the kept snapshot where it is to be trusted, and up to date.

`.tars/cache/beliefs` holds a snapshot. It counts only where its seal is whole and the journal's entry that it stands
for is the one in this journal; what follows is folded in. Otherwise the journal is folded from its beginning.
Any number of processes may do this at once: each writes a whole file under another name and renames it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tars.memory.columns import DamagedError, Stamp
from tars.memory.journal import KIND, entries, said_in
from tars.memory.snapshot import Snapshot
from tars.store import Entry, Store

FILE: Final = "beliefs"
BEHIND_MAX: Final = 1_000
"""A snapshot that so many entries follow is written anew, also where none of them holds a belief."""


def current(store: Store) -> Snapshot:
    """The beliefs as they are. Raises `UnavailableError` where something is to be judged and numpy is missing."""
    path = store.root / "cache" / FILE
    head = store.head
    kept = _kept(path, store)
    if kept is not None and kept.entry >= head:
        return kept
    after = kept.entry if kept else 0
    tail = _telling(entries(store, after=after, until=head))
    if kept is not None and not tail and head - after < BEHIND_MAX:
        return kept
    found = _advanced(kept, tail, Stamp(head, _digest(store, head)))
    _keep(path, found)
    return found


def is_held(store: Store, id: str) -> bool:
    """Whether a belief of that id is held now; nothing is judged for it where a snapshot is kept."""
    kept = _kept(store.root / "cache" / FILE, store)
    if kept is None:
        return current(store).find(id) is not None
    held = kept.find(id) is not None
    for entry in entries(store, after=kept.entry):
        for said in said_in(entry):
            if said["id"] == id:
                held = said.get("act") != "retract"
    return held


def moment(store: Store, *, until: int | None = None, before: float | None = None) -> Snapshot:
    """The beliefs as they were after the entry `until`, or at the time `before` (seconds since 1970). Folds the journal
    from its beginning."""
    told = _telling(entries(store, until=until, before=before))
    return _advanced(None, told, Stamp(told[-1].number, told[-1].digest) if told else Stamp(0, ""))


def followed(snapshot: Snapshot, told: list[Entry]) -> Snapshot:
    """The beliefs as they would be after entries that are in no journal; never kept."""
    return _advanced(snapshot, told, snapshot.stamp)


def _telling(found: Iterator[Entry]) -> list[Entry]:
    """Those that may hold beliefs."""
    return [entry for entry in found if entry.kind == KIND or any(said_in(entry))]


def _advanced(kept: Snapshot | None, told: list[Entry], stamp: Stamp) -> Snapshot:
    # numpy is an extra, and takes longer to load than a question that needs no judging takes as a whole
    from tars.memory.merging import advance, empty  # noqa: PLC0415

    return advance(kept or empty(), told, stamp)


def _kept(path: Path, store: Store) -> Snapshot | None:
    """The kept snapshot, where it is one of this journal."""
    try:
        snapshot = Snapshot.read(path.read_bytes())
    except (OSError, DamagedError):
        return None
    return snapshot if _digest(store, snapshot.entry) == snapshot.stamp.digest else None


def _digest(store: Store, number: int) -> str:
    found = next(store.entries(after=number - 1, limit=1), None) if number > 0 else None
    return str(found.digest) if found is not None and found.number == number else ""


def _keep(path: Path, snapshot: Snapshot) -> None:
    """Not synced: what a power cut leaves of it has a broken seal, and is made anew."""
    scratch = path.with_name(f"{FILE}-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        try:
            with open(scratch, "wb") as file:
                file.writelines(snapshot.written())
            os.replace(scratch, path)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError:
        pass  # A project that cannot be written, or a full disk: the next question folds anew.
