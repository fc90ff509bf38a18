"""Writes a patch into the user's tree: all of its files or none, also when the machine stops in the middle.

First the old and the new bytes become objects, and a `rust-begun` entry names them; then each file is replaced in one
step; then a `rust-ended` entry says so. A `rust-begun` without its `rust-ended` was interrupted: the next command puts
back the bytes from before the patch, whether it was being applied or taken back.
"""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal, cast

from blake3 import blake3

from tars.core.errors import TarsError
from tars.core.values import Digest, Json
from tars.rust.patches.patch import BoundPatch, StalePatchError
from tars.store import Entry, Store
from tars.store.beneath import place_beneath, read_beneath, remove_beneath
from tars.store.copy import write_whole
from tars.store.durable import sync_path, told
from tars.store.lock import Lock

BEGUN, ENDED = "rust-begun", "rust-ended"
LOCK_SECONDS_MAX = 1.0
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
NEW_FILE_MODE = 0o644
Act = Literal["apply", "rollback"]
Outcome = Literal["done", "taken-back", "left"]
"""`left`: it was interrupted, and a file was changed since, so nothing was touched any more."""
_serial = count()


@dataclass(frozen=True, slots=True)
class Step:
    """One file: the digests of its bytes before and after; empty for no file. `mode` are its permissions."""

    path: str
    old: Digest
    new: Digest
    mode: int

    def inverse(self) -> "Step":
        return Step(self.path, self.new, self.old, self.mode)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of an interrupted act. `changed` are the files that were neither as before nor as after."""

    patch: str
    act: Act
    outcome: Outcome
    changed: tuple[str, ...] = ()


def land(store: Store, project: Path, patch: BoundPatch, *, root: str, subject: str, act: Act) -> None:
    """Applies the patch to the files below `project/root`; `subject` is the id under which it is journalled.

    Raises `StalePatchError` where a file is not the one that the patch was made for, and `TarsError` where another
    process writes here or the system refuses. Whatever is raised, every file is as it was.
    """
    with writing(store) as had:
        if not had:
            raise TarsError(
                "another TARS is writing to this project's files; nothing was changed", hint="wait for it to end"
            )
        recover_held(store, project)
        folder = project / root
        before = {file.path: read_beneath(folder, file.path) for file in patch.files}
        after = patch.applied({path: found[0] for path, found in before.items() if found})
        _refuse_protected({path: stat.S_IMODE(found[1].st_mode) for path, found in before.items() if found})
        steps = []
        for path, found in before.items():
            old = store.objects.put(found[0]) if found else Digest("")
            new = store.objects.put(after[path]) if path in after else Digest("")
            mode = stat.S_IMODE(found[1].st_mode) if found else _mode_before(store, subject, path)
            steps.append(Step(path, old, new, mode))
        with _prepared(store, folder, steps) as ready:
            begun = _begin(store, root, subject, act, steps)
            try:
                for step in steps:
                    _replace(folder, step, ready.get(step.path, ""))
            except BaseException:
                _restore(store, folder, steps)
                _end(store, begun, "taken-back")
                raise
        _end(store, begun, "done")


def _refuse_protected(modes: Mapping[str, int]) -> None:
    """A file that nobody may write is meant to stay, though it could be replaced."""
    protected = [path for path, mode in modes.items() if not mode & _WRITABLE]
    if protected:
        raise TarsError(
            f"`{protected[0]}` is read-only; nothing was changed", hint=f"`chmod u+w {protected[0]}`, then again"
        )


def recover(store: Store, project: Path) -> Recovered | None:
    """Puts back the original bytes of what a stopped process had begun; None where nothing is open, or another process
    is at work. Raises `StoreError` where the system refuses."""
    if interrupted(store) is None:
        return None
    with writing(store) as had:
        return recover_held(store, project) if had else None


def recover_held(store: Store, project: Path) -> Recovered | None:
    """As `recover`, for who holds the lock."""
    entry = interrupted(store)
    if entry is None:
        return None
    folder = project / str(entry.body["root"])
    act = cast(Act, entry.body["act"])
    steps = [step if act == "apply" else step.inverse() for step in steps_of(entry)]
    present = {step.path: _digest(folder, step.path) for step in steps}
    changed = tuple(step.path for step in steps if present[step.path] not in (step.old, step.new))
    outcome: Outcome = "left" if changed else "taken-back" if act == "apply" else "done"
    if not changed:
        _restore(store, folder, steps)
    _end(store, entry, outcome)
    return Recovered(entry.subject, act, outcome, changed)


def interrupted(store: Store) -> Entry | None:
    """The entry of an act that was begun and never ended; there is at most one."""
    begun = store.latest(BEGUN)
    if begun is None or store.latest(ENDED, key=str(begun.number)) is not None:
        return None
    return begun


def steps_of(entry: Entry) -> tuple[Step, ...]:
    """What a `rust-begun` entry is about."""
    rows = cast(Sequence[Mapping[str, Any]], entry.body["files"])
    return tuple(Step(str(row["path"]), Digest(row["old"]), Digest(row["new"]), int(row["mode"])) for row in rows)


@contextmanager
def writing(store: Store) -> Iterator[bool]:
    """Holds, if it can be had, the lock of whoever writes to the project's Rust files."""
    with Lock(store.root / "locks" / "rust").exclusive(seconds_max=LOCK_SECONDS_MAX) as had:
        yield had


def _begin(store: Store, root: str, subject: str, act: Act, steps: Sequence[Step]) -> Entry:
    files: list[Json] = [{"path": s.path, "old": s.old, "new": s.new, "mode": s.mode} for s in steps]
    objects: list[Json] = [digest for step in steps for digest in (step.old, step.new) if digest]
    with store.transaction() as tx:
        tx.append(BEGUN, {"act": act, "root": root, "files": files, "objects": objects}, subject=subject)
    entry = store.latest(BEGUN)
    assert entry is not None
    return entry


def _mode_before(store: Store, subject: str, path: str) -> int:
    """The permissions that a file which is not there had when the same patch removed it."""
    entry = store.latest(BEGUN, subject=subject)
    known = {step.path: step.mode for step in steps_of(entry)} if entry else {}
    return known.get(path, NEW_FILE_MODE)


def _end(store: Store, begun: Entry, outcome: Outcome) -> None:
    body: dict[str, Json] = {"act": begun.body["act"], "outcome": outcome}
    with store.transaction() as tx:
        tx.append(ENDED, body, subject=begun.subject, key=str(begun.number))


def _restore(store: Store, folder: Path, steps: Sequence[Step]) -> None:
    """Makes every file that is as after its step what it was before it."""
    for step in steps:
        if step.old != step.new and _digest(folder, step.path) == step.new:
            with _prepared(store, folder, [step.inverse()]) as ready:
                _replace(folder, step.inverse(), ready.get(step.path, ""))


@contextmanager
def _prepared(store: Store, folder: Path, steps: Sequence[Step]) -> Iterator[dict[str, str]]:
    """The new content of every file under a scratch name, on the medium; what is left of them goes at the end."""
    ready: dict[str, str] = {}
    try:
        for step in steps:
            if step.new:
                scratch = str(store.tmp / f"object-{os.getpid()}-landing-{next(_serial)}")
                with told(f"write {folder / step.path}"):
                    write_whole(scratch, store.objects.get(step.new), 0o600)
                    ready[step.path] = scratch
                    _make_alike(scratch, folder / step.path, step.mode)
                    sync_path(scratch)
        yield ready
    finally:
        for scratch in ready.values():
            Path(scratch).unlink(missing_ok=True)


def _replace(folder: Path, step: Step, scratch: str) -> None:
    """Puts the scratch file (none: nothing) in the place of the file, which must be as before the step."""
    if _digest(folder, step.path) != step.old:
        raise StalePatchError(
            f"`{step.path}` was changed while the patch was being applied; nothing was changed",
            hint="run `tarscli rust fix` again: it looks at the files as they are now",
        )
    if scratch:
        place_beneath(folder, step.path, scratch, durable=True)
        return
    remove_beneath(folder, step.path)
    with told(f"remove {folder / step.path}"):
        sync_path((folder / step.path).parent)


def _make_alike(scratch: str, like: Path, mode: int) -> None:
    """The permissions, and where this process may, the owner of the file that is replaced."""
    os.chmod(scratch, mode)
    if hasattr(os, "chown") and os.geteuid() == 0 and like.exists():
        status = os.lstat(like)
        os.chown(scratch, status.st_uid, status.st_gid)
        os.chmod(scratch, mode)


def _digest(folder: Path, path: str) -> str:
    found = read_beneath(folder, path)
    return "" if found is None else blake3(found[0]).hexdigest()
