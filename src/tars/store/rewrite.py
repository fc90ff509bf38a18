"""Replaces, makes and removes files of the work tree: all of them or none, also where the machine stops in between.

First the old and the new bytes become objects, and a `rewrite-begun` entry names them; then each file is replaced in
one step; then a `rewrite-ended` entry says so. Where that is missing, whatever next works on the files (a run, a
rollback, an evolution, an action of `tarscli rust`) puts back what was there.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from tars.core.errors import CorruptError, StoreError, TarsError
from tars.core.values import Digest, Json
from tars.store.beneath import place_beneath, read_beneath, reading_beneath, remove_beneath
from tars.store.copy import copy_and_hash
from tars.store.durable import sync_path, told
from tars.store.lock import Lock
from tars.store.tree import fault_of_path
from tars.store.values import Entry, Tree

if TYPE_CHECKING:
    from tars.store.store import Store
    from tars.store.transaction import Transaction

Result = TypeVar("Result")

BEGUN: Final = "rewrite-begun"
ENDED: Final = "rewrite-ended"
DONE: Final = "done"
LOCK_SECONDS_MAX: Final = 1.0
_NEW_FILE_MODE: Final = 0o644
_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_READABLE: Final = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
_EXECUTABLE: Final = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
_serial = count()


class ChangedError(TarsError):
    """A file is not the one that was to be rewritten; every file is as it was found."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"`{path}` was changed while it was about to be replaced; nothing was changed",
            hint="look at it as it is now, then again",
        )


class PutBack(NamedTuple):
    """Which files are as they were before an interrupted rewriting, which stay since they were changed after it, and
    which since the store has lost what they were."""

    paths: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What to tell of it; empty where no file had been touched."""
        told = (
            (self.paths, "put back, since a change of files had been interrupted"),
            (self.changed, "changed since, so left as it is"),
            (self.lost, "left as an interrupted change of files made it: the store has lost what it was"),
        )
        return "; ".join(f"{', '.join(paths)}: {words}" for paths, words in told if paths)


class _Step(NamedTuple):
    """One file: the digests of its bytes before and after, empty for no file, and its permissions after and before."""

    path: str
    old: Digest
    new: Digest
    mode: int
    mode_before: int

    def inverse(self) -> "_Step":
        return _Step(self.path, self.new, self.old, self.mode_before, self.mode)


def rewrite(
    store: "Store",
    project: Path,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    *,
    subject: str,
    key: str = "",
) -> None:
    """Makes the files that are as in `before` as they are in `after`; a path that one of them lacks is no file there.
    Files that are as in `after` already are left out. The entries of it have the subject and the key.

    Raises `ChangedError` where a file is neither, and `TarsError` where one may not be written, another process writes
    here or the system refuses. Whatever is raised, every file is as it was.
    """
    with _writing(store):
        _put_back(store, project)
        _carry_out(store, project, _steps(store, project, before, after, subject), subject, key, lambda _: None)


def rewrite_stored(
    store: "Store",
    project: Path,
    before: Tree,
    after: Tree,
    *,
    subject: str,
    also: Callable[["Transaction"], Result],
) -> Result:
    """As `rewrite`, of files whose bytes are in the store; each keeps its permissions but for those to execute it,
    also one that the last rewriting removed.

    What `also` appends becomes visible together with the end of the rewriting; returns what it returns.
    """
    with _writing(store):
        _put_back(store, project)
        return _carry_out(store, project, _steps_between(store, project, before, after), subject, "", also)


def put_back(store: "Store", project: Path) -> PutBack:
    """Makes every file that is as a rewriting which never ended made it what it was before. What else such a file has
    become stays. Raises `TarsError` where another process writes here, or the system refuses."""
    if _open(store) is None:
        return PutBack()
    with _writing(store):
        return _put_back(store, project)


def is_open(store: "Store") -> bool:
    """Whether a rewriting was begun and has not ended."""
    return _open(store) is not None


def _carry_out(
    store: "Store",
    project: Path,
    steps: Sequence[_Step],
    subject: str,
    key: str,
    also: Callable[["Transaction"], Result],
) -> Result:
    with _prepared(store, project, steps) as ready:
        try:
            _begin(store, steps, subject, key)
            for step in steps:
                _replace(project, step, ready.get(step.path, ""))
            with store.transaction() as transaction:
                result = also(transaction)
                _append_end(transaction, subject, key, DONE)
        except BaseException:
            _put_back(store, project)
            raise
        return result


def _steps_between(store: "Store", project: Path, before: Tree, after: Tree) -> list[_Step]:
    begun = store.latest(BEGUN)
    removed = {step.path: step.mode_before for step in _steps_of(begun) if not step.new} if begun else {}
    steps = []
    for path in sorted({*before, *after}):
        _refuse_climbing(path)
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        with reading_beneath(project, path) as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode) if file else removed.get(path, _NEW_FILE_MODE)
        executing = (mode & _READABLE) >> 2 if new and new.executable else 0
        step = _Step(
            path,
            old.digest if old else Digest(""),
            new.digest if new else Digest(""),
            mode & ~_EXECUTABLE | executing,
            mode,
        )
        if _digest(project, path) != step.old:
            raise ChangedError(path)
        steps.append(step)
    return steps


def _steps(
    store: "Store", project: Path, before: Mapping[str, bytes], after: Mapping[str, bytes], subject: str
) -> list[_Step]:
    begun = store.latest(BEGUN, subject=subject)
    modes_before = {step.path: step.mode for step in _steps_of(begun)} if begun else {}
    steps = []
    for path in dict.fromkeys([*before, *after]):
        _refuse_climbing(path)
        old, new, found = before.get(path), after.get(path), read_beneath(project, path)
        data = found[0] if found else None
        if data not in (old, new):
            raise ChangedError(path)
        if data == new:
            continue
        mode = stat.S_IMODE(found[1].st_mode) if found else modes_before.get(path, _NEW_FILE_MODE)
        if found and not mode & _WRITABLE:  # it could be replaced, but is meant to stay
            raise StoreError(f"`{path}` is read-only; nothing was changed", hint=f"`chmod u+w {path}`, then again")
        before_and_after = [Digest("") if one is None else store.objects.put(one) for one in (old, new)]
        steps.append(_Step(path, before_and_after[0], before_and_after[1], mode, mode))
    return steps


def _put_back(store: "Store", project: Path) -> PutBack:
    entry = _open(store)
    if entry is None:
        return PutBack()
    back, changed, lost = [], [], []
    for step in _steps_of(entry):
        try:
            present = _digest(project, step.path)
        except StoreError:
            if _is_file(project, step.path):
                raise  # It may be read another time.
            changed.append(step.path)
            continue
        if present == step.new:
            try:
                with _prepared(store, project, [step.inverse()]) as ready:
                    _replace(project, step.inverse(), ready.get(step.path, ""))
                back.append(step.path)
            except CorruptError:
                lost.append(step.path)
        elif present != step.old:
            changed.append(step.path)
    _end(store, entry.subject, entry.key, "put back")
    return PutBack(tuple(back), tuple(changed), tuple(lost))


@contextmanager
def _writing(store: "Store") -> Iterator[None]:
    """Holds the lock of whoever rewrites files of the project. Raises `TarsError` where another process has it."""
    with Lock(store.root / "locks" / "rewrite").exclusive(seconds_max=LOCK_SECONDS_MAX) as had:
        if not had:
            raise TarsError(
                "another TARS is writing to this project's files; nothing was changed", hint="wait for it to end"
            )
        yield


def _open(store: "Store") -> Entry | None:
    begun = store.latest(BEGUN)
    if begun is None:
        return None
    ended = store.latest(ENDED)
    return begun if ended is None or ended.number < begun.number else None


def _steps_of(entry: Entry) -> Iterator[_Step]:
    for row in cast("Sequence[Mapping[str, Any]]", entry.body["files"]):
        _refuse_climbing(row["path"])
        mode_before = row.get("mode_before", row["mode"])
        yield _Step(row["path"], Digest(row["old"]), Digest(row["new"]), row["mode"], mode_before)


def _refuse_climbing(path: str) -> None:
    fault = fault_of_path(path)
    if fault:
        raise StoreError(f"cannot write {path!r}: it {fault}")


def _begin(store: "Store", steps: Sequence[_Step], subject: str, key: str) -> None:
    files: list[Json] = [dict(step._asdict()) for step in steps]
    objects: list[Json] = [digest for step in steps for digest in (step.old, step.new) if digest]
    with store.transaction() as transaction:
        transaction.append(BEGUN, {"files": files, "objects": objects}, subject=subject, key=key)


def _end(store: "Store", subject: str, key: str, outcome: str) -> None:
    with store.transaction() as transaction:
        _append_end(transaction, subject, key, outcome)


def _append_end(transaction: "Transaction", subject: str, key: str, outcome: str) -> None:
    transaction.append(ENDED, {"outcome": outcome}, subject=subject, key=key)


@contextmanager
def _prepared(store: "Store", project: Path, steps: Sequence[_Step]) -> Iterator[dict[str, str]]:
    """The new content of every file under a scratch name, on the medium; what is left of them goes at the end."""
    ready: dict[str, str] = {}
    try:
        for step in steps:
            if step.new:
                scratch = str(store.tmp / f"object-{os.getpid()}-rewrite-{next(_serial)}")
                with told(f"write {project / step.path}"):
                    store.objects.copy_out(step.new, scratch, 0o600, str(project / step.path))
                    ready[step.path] = scratch
                    _make_alike(scratch, project / step.path, step.mode)
                    sync_path(scratch)
        yield ready
    finally:
        for scratch in ready.values():
            Path(scratch).unlink(missing_ok=True)


def _make_alike(scratch: str, like: Path, mode: int) -> None:
    """The permissions, and where this process may, the owner of the file that is replaced."""
    os.chmod(scratch, mode)
    if hasattr(os, "chown") and os.geteuid() == 0 and like.exists():
        status = os.lstat(like)
        os.chown(scratch, status.st_uid, status.st_gid)
        os.chmod(scratch, mode)


def _replace(project: Path, step: _Step, scratch: str) -> None:
    """Puts the scratch file (none: nothing) in the place of the file, which must be as before the step."""
    if _digest(project, step.path) != step.old:
        raise ChangedError(step.path)
    if scratch:
        place_beneath(project, step.path, scratch, durable=True)
        return
    remove_beneath(project, step.path)
    with told(f"remove {project / step.path}"):
        sync_path((project / step.path).parent)


def _is_file(project: Path, path: str) -> bool:
    """Whether a regular file stands there, and no link leads to it."""
    place = os.path.join(os.path.realpath(project), path)
    return os.path.realpath(place) == place and os.path.isfile(place)


def _digest(project: Path, path: str) -> str:
    with reading_beneath(project, path) as file:
        return "" if file is None else copy_and_hash(file.fileno(), None, 0)[0]
