"""Removing what nothing needs any more: objects that no live entry names, and files that a killed process left.

It is safe beside running writers. What a writer has put and not yet committed is protected by its age: while any other
process has the store open for writing, nothing younger than `GRACE_SECONDS_MIN` goes, and putting an object that is
there makes it young. Removing excludes committing (the sweeping lock), the journal is read once more under that lock,
and a commit looks whether what it names is still there. So no entry ever names what a collection took.
"""

import json
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import StoreError
from tars.core.values import Digest
from tars.store.durable import sync_path, told
from tars.store.retention import Retention
from tars.store.tree import MAGIC, named_in

if TYPE_CHECKING:
    from tars.store.store import Store

GRACE_SECONDS = 3600.0
GRACE_SECONDS_MIN = 900.0
_LOCK_SECONDS_MAX = 60.0
_DIGESTS = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Collected(Prefab, frozen=True):
    """What a collection did. `spared` counts objects that nothing needs but that are too young to go."""

    objects: int
    bytes: int
    kept: int
    spared: int
    leftovers: int
    grace_seconds: float


def gc(store: "Store", grace_seconds: float = GRACE_SECONDS, *, dry_run: bool = False) -> Collected:
    """Removes the objects that no live entry of the journal names and that are older than `grace_seconds`.

    With `dry_run` it only counts. Raises `StoreError` where the journal or a live tree is damaged, since what is needed
    is then unknown, or where another process holds the store for a minute.
    """
    store.journal.check()
    with store.writers.exclusive(seconds_max=0.0) as alone:
        grace = grace_seconds if alone else max(grace_seconds, GRACE_SECONDS_MIN)
        with told(f"collect {store.root}"):
            now = _now(store.tmp)
            head = store.head
            needed = _needed(store, (row for row in _live_rows(store, until=head)))
            with store.sweeping.exclusive(seconds_max=_LOCK_SECONDS_MAX) as had:
                if not had:
                    raise StoreError(
                        "another process has been committing to this project for a minute",
                        hint="see whether another `tarscli` hangs, end it, and run `tarscli gc` again",
                    )
                needed |= _needed(store, store.journal.rows(after=head))
                needed |= store.objects.staged()
                swept = _sweep(store, needed, now - grace, dry_run)
            return Collected(*swept, leftovers=_clear(store.tmp, now - grace, dry_run), grace_seconds=grace)


def digests_in(text: str) -> Iterator[Digest]:
    """Every string of 64 hexadecimal digits in an entry's body."""
    return (Digest(found) for found in _DIGESTS.findall(text))


def _live_rows(store: "Store", until: int) -> Iterator[tuple[object, ...]]:
    retention = Retention(store)
    for row in store.journal.rows():
        if row[0] > until:
            return
        if retention.is_live(row):
            yield row


def _needed(store: "Store", rows: Iterable[tuple[object, ...]]) -> set[Digest]:
    """What the entries name, and the files of what of it is a tree."""
    named: set[Digest] = set()
    trees: set[Digest] = set()
    for row in rows:
        text = str(row[6])
        named.update(digests_in(text))
        if '"trees":' in text:
            trees.update(Digest(digest) for digest in named_in(json.loads(text), "trees"))
    needed = set(named)
    for digest in named:
        head = _head(store.objects.path(digest))
        # A tree that is damaged beyond its first line is no reason to take its files for unneeded: reading it raises.
        if head == MAGIC or (head is not None and digest in trees):
            needed.update(leaf.digest for leaf in store.objects.tree(digest).values())
    return needed


def _head(path: Path) -> bytes | None:
    """The object's first bytes; None where there is none: a content key, or lost, of which `verify` tells."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(len(MAGIC))
    except FileNotFoundError:
        return None


def _sweep(store: "Store", needed: set[Digest], before: float, dry_run: bool) -> tuple[int, int, int, int]:
    removed: list[Digest] = []
    freed = kept = spared = 0
    for digest, entry in objects_on_disk(store.root / "objects"):
        if digest in needed:
            kept += 1
            continue
        status = entry.stat(follow_symlinks=False)
        if status.st_mtime > before:
            spared += 1
            continue
        if not dry_run:
            os.unlink(entry.path)
        removed.append(digest)
        freed += status.st_size
    if not dry_run:
        store.objects.forget(removed)
        for folder in {digest[:2] for digest in removed}:
            sync_path(store.root / "objects" / folder)
    return len(removed), freed, kept, spared


def objects_on_disk(folder: Path) -> Iterator[tuple[Digest, os.DirEntry[str]]]:
    """Every file in `objects` by the digest that its name stands for; the name may be that of no digest."""
    with os.scandir(folder) as outer:
        for part in sorted((entry for entry in outer if entry.is_dir(follow_symlinks=False)), key=lambda e: e.name):
            with os.scandir(part.path) as inner:
                for entry in inner:
                    yield Digest(part.name + entry.name), entry


def _clear(scratch: Path, before: float, dry_run: bool) -> int:
    """Removes what processes that were killed while storing left in the scratch folder."""
    cleared = 0
    with os.scandir(scratch) as entries:
        for entry in entries:
            if not entry.name.startswith(("object-", "journal-")):
                continue
            try:
                if entry.stat(follow_symlinks=False).st_mtime <= before:
                    if not dry_run:
                        os.unlink(entry.path)
                    cleared += 1
            except FileNotFoundError:
                continue  # A process beside us was still using it, and has finished.
    return cleared


def _now(folder: Path) -> float:
    """The time as the file system tells it, which is what the objects' ages are measured by."""
    probe = folder / f"object-now-{os.getpid()}-{time.monotonic_ns()}"
    probe.touch()
    try:
        return probe.stat().st_mtime
    finally:
        probe.unlink()
