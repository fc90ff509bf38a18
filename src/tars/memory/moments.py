"""Snapshots of earlier moments, so that a question about one folds only what followed the nearest of them.

`.tars/cache/moments/N` is what was kept as the current snapshot after entry N, or was folded on the way to a moment.
Like that one it is derived, and counts only with a whole seal, for the journal in which entry N has its digest. There
are few of them, spread over the journal: where one more is kept, the one goes that leaves the smallest gap.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tars.memory.columns import DamagedError
from tars.memory.snapshot import Snapshot
from tars.store import Store

FOLDER: Final = "moments"
KEPT_MAX: Final = 12
APART_MIN: Final = 4_096
"""Fewer entries than these are folded in less time than a snapshot of many beliefs takes to read."""


def entries_apart(head: int) -> int:
    """How many entries lie between two moments that are kept, of a journal with so many."""
    return max(APART_MIN, head // KEPT_MAX)


def earlier(store: Store, until: int | None, before: float | None) -> Iterator[Snapshot]:
    """The kept snapshots up to a moment, the latest first. One that is damaged, or of another journal, is dropped."""
    for number in sorted(_kept(store), reverse=True):
        if until is not None and number > until:
            continue
        path = _path(store, number)
        snapshot = read(path, store)
        if snapshot is None:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        elif before is None or snapshot.stamp.time <= before:
            yield snapshot


def read(path: Path, store: Store) -> Snapshot | None:
    """The snapshot in a file, where it is whole and one of this journal."""
    try:
        snapshot = Snapshot.read(path.read_bytes())
    except (OSError, DamagedError):
        return None
    return snapshot if digest_of(store, snapshot.entry) == snapshot.stamp.digest else None


def digest_of(store: Store, number: int) -> str:
    """The digest of that entry; empty where there is none."""
    found = next(store.entries(after=number - 1, limit=1), None) if number > 0 else None
    return str(found.digest) if found is not None and found.number == number else ""


def keep(store: Store, snapshot: Snapshot, path: Path | None = None) -> None:
    """Keeps a snapshot in the file `path`, where one is given, and as a moment where none that is kept is near.

    Not synced: what a power cut leaves of it has a broken seal, and is made anew. Where a project cannot be written, or
    the disk is full, nothing is kept: the next question folds again.
    """
    scratch = store.root / "cache" / f"beliefs-{os.getpid()}-{os.urandom(4).hex()}"
    with suppress(OSError):
        try:
            with open(scratch, "wb") as file:
                file.writelines(snapshot.written())
            with suppress(OSError):  # of a file system without hard links
                _link(scratch, snapshot.entry, store)
            if path is not None:
                os.replace(scratch, path)
        finally:
            scratch.unlink(missing_ok=True)


def _link(scratch: Path, entry: int, store: Store) -> None:
    """Two names for one file cost no space until the current snapshot is another."""
    kept = [*_kept(store), 0]
    if min(abs(entry - one) for one in kept) < entries_apart(store.head):
        return
    path = _path(store, entry)
    path.parent.mkdir(exist_ok=True)
    os.link(scratch, path)
    kept = sorted({*kept, entry})
    while len(kept) > KEPT_MAX + 1:
        gaps = {kept[place]: kept[place + 1] - kept[place - 1] for place in range(1, len(kept) - 1)}
        least = min(gaps, key=gaps.__getitem__)
        kept.remove(least)
        _path(store, least).unlink(missing_ok=True)


def _kept(store: Store) -> list[int]:
    """The entries after which a moment is kept."""
    with suppress(OSError):
        return [int(name) for name in os.listdir(store.root / "cache" / FOLDER) if name.isdecimal()]
    return []


def _path(store: Store, entry: int) -> Path:
    return store.root / "cache" / FOLDER / str(entry)
