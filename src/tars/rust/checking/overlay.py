"""A copy of a workspace in which its build scripts and tests may do what they like: the user's tree is only read.

What is copied is not trusted once the user's code has run beside it: before each use every file is compared with what
was put there, and nothing is ever written through a link that has appeared in it.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final

from tars.core.errors import StoreError, TarsError
from tars.store.beneath import place_beneath
from tars.store.copy import copy_and_hash, write_whole

LINKED_BYTES: Final = 4 << 20
"""A file of this size or more is not copied but linked to, which the sandbox lets nobody write through."""
FILES_MAX: Final = 200_000
_VENDORED: Final = frozenset({"vendor", "vendored", "third_party", "third-party"})
_LEFT_OUT: Final = frozenset({".git", ".hg", ".svn", ".jj", ".tars", ".venv", ".idea", ".vscode", "node_modules"})

Sign = tuple[int, int, int]
"""Size, modification time and inode, as far as a change of content must change one of them."""
_NEVER: Final = (-1, -1, -1)


class Overlay:
    """The copy of `source` at `tree`; `scratch` is a folder beside it that the user's code cannot reach.

    `known` tells of each path how the user's file and the copy looked when it was made; it may come from an earlier
    process. `skip` are folders, relative to the source, that are no part of it: where cargo puts what it builds.
    """

    def __init__(self, source: Path, tree: Path, scratch: Path, known: Mapping[str, tuple[Sign, Sign]]) -> None:
        self.source = source
        self.tree = tree
        self.grants: set[Path] = set()
        """What links in the copy lead to outside of the source: the sandbox must let it be read."""
        self.inner: dict[str, str] = {}
        """What the user's links within the source lead to: the compiler names files by the way that it took."""
        self._scratch = scratch
        self._known = dict(known)
        self._own: dict[str, bytes] = {}
        """What the user's own Rust files hold in the copy, as far as they were written here."""

    @property
    def known(self) -> Mapping[str, tuple[Sign, Sign]]:
        """For the next process, which compares what may hold something else than the user's with the user's file."""
        return {path: (_NEVER if path in self._own else user, copy) for path, (user, copy) in self._known.items()}

    def refresh(self) -> None:
        """Brings the copy up to date with the user's tree: files that differ are copied again.

        Raises `TarsError` where the tree cannot be read or is too large.
        """
        self.tree.mkdir(parents=True, exist_ok=True)
        found: dict[str, os.stat_result] = {}
        for path, status in _walk(self.source):
            found[path] = status
            if len(found) > FILES_MAX:
                raise TarsError(
                    f"{self.source} holds more than {FILES_MAX} files, which is too much to copy",
                    hint="name one of its crates, or move data out of the workspace",
                )
        for path in self._known.keys() - found.keys() - {"Cargo.lock"}:
            self._remove(path)
        self.inner = dict(self._links_within(found))
        for path, status in found.items():
            known = self._known.get(path)
            if known is None or known != (_sign(status), self._sign_of(path)):
                self._copy(path, status)

    def _links_within(self, found: Mapping[str, os.stat_result]) -> Iterator[tuple[str, str]]:
        for path, status in found.items():
            if stat.S_ISLNK(status.st_mode):
                real = Path(os.path.realpath(self.source / path))
                if self.source in real.parents:
                    yield path, real.relative_to(self.source).as_posix()

    def write(self, files: Mapping[str, bytes]) -> None:
        """Puts these contents in place of the user's own files, which are those that were written before, and undoes
        whatever has happened to the rest of the copy."""
        for path in self._own.keys() - files.keys():
            self._remove(path)
            del self._own[path]
        for path, (_, copied) in tuple(self._known.items()):
            if path not in files and self._sign_of(path) != copied:
                self._restore(path)
        for path, data in files.items():
            known = self._known.get(path)
            intact = known is not None and known[1] == self._sign_of(path)
            if not intact or self._own.get(path, None if path in self._own else self._read(path)) != data:
                self._place(path, lambda scratch, data=data: _new_file(scratch, data, 0o644))  # type: ignore[misc]
                self._known[path] = known[0] if known else _NEVER, self._sign_of(path) or _NEVER
            self._own[path] = data

    @contextmanager
    def instead(self, files: Mapping[str, bytes]) -> Iterator[None]:
        """For a while these contents stand in the place of those that were written last. Afterwards everything is as
        it was, its times too, so that cargo sees no change."""
        before = dict(self._own)
        times = {path: self._known[path][1][1] for path, data in files.items() if before.get(path, data) != data}
        self.write(files)
        try:
            yield
        finally:
            self.write(before)
            for path, nanoseconds in times.items():
                os.utime(self.tree / path, ns=(nanoseconds, nanoseconds), follow_symlinks=False)
                self._known[path] = self._known[path][0], self._sign_of(path) or _NEVER

    def gone(self) -> str:
        """A file that was written and that something has removed from the copy since; empty where there is none."""
        return next((path for path in sorted(self._own) if not os.path.lexists(self.tree / path)), "")

    def names(self) -> frozenset[str]:
        """Everything that is in the copy now."""
        return frozenset(path for path, _ in _walk(self.tree))

    def remove_new(self, before: frozenset[str]) -> None:
        """Removes what was not there before."""
        for path in self.names() - before:
            self._remove(path)

    def _restore(self, path: str) -> None:
        try:
            status = os.lstat(self.source / path)
        except OSError:
            self._remove(path)
            del self._known[path]
            return
        self._copy(path, status)

    def _copy(self, path: str, status: os.stat_result) -> None:
        """A file that has gone meanwhile, or that may not be read, is left out: where it is needed, cargo says so."""
        origin = self.source / path
        try:
            if stat.S_ISLNK(status.st_mode):
                self._link(path, self._leads_to(path))
            elif stat.S_ISDIR(status.st_mode) or status.st_size >= LINKED_BYTES:
                self._link(path, str(origin))
            elif self._differs(path, status):
                mode = 0o755 if status.st_mode & 0o111 else 0o644
                self._place(path, lambda scratch: _copy_file(origin, scratch, mode))
        except (FileNotFoundError, PermissionError):
            return
        sign = self._sign_of(path)
        if sign is not None:
            self._known[path] = _sign(status), sign

    def _leads_to(self, path: str) -> str:
        """What a link of the user's leads to, as a link in the copy. One that leads out of the source is followed only
        within the repository that holds it, and to nothing hidden; any other stays as it is and leads nowhere."""
        origin = self.source / path
        real = Path(os.path.realpath(origin))
        if real.is_relative_to(self.source):
            return os.path.relpath(real, os.path.realpath(origin.parent))
        if not self._may_be_seen(real):
            return os.readlink(origin)
        self.grants.add(real)
        return str(real)

    def _may_be_seen(self, real: Path) -> bool:
        if self._repository is None or not real.is_relative_to(self._repository) or not real.exists():
            return False
        return not any(part.startswith(".") for part in real.relative_to(self._repository).parts)

    @cached_property
    def _repository(self) -> Path | None:
        return next((one for one in self.source.parents if (one / ".git").exists()), None)

    def _differs(self, path: str, status: os.stat_result) -> bool:
        """Whether the copy has another content: one that has not keeps its time, which cargo goes by."""
        there = self._sign_of(path)
        if there is None or there[0] != status.st_size or os.path.islink(self.tree / path):
            return True
        return self._read(path) != (self.source / path).read_bytes()

    def _link(self, path: str, to: str) -> None:
        place = self.tree / path
        if os.path.islink(place) and os.readlink(place) == to:
            return
        self._place(path, lambda scratch: os.symlink(to, scratch))

    def _place(self, path: str, make: Callable[[str], object]) -> None:
        """Makes a file beside the copy and moves it into it; where the way there was tampered with, clears the way."""
        scratch = str(self._scratch / f"new-{os.getpid()}")
        for last in (False, True):
            try:
                make(scratch)
                place_beneath(self.tree, path, scratch)
                return
            except StoreError:
                if last:
                    raise
                self._clear(path)
            except (FileNotFoundError, PermissionError):
                raise
            except OSError as error:
                raise TarsError(
                    f"cannot copy {self.source / path}: {error.strerror}", hint="make room, or make it readable"
                ) from error

    def _clear(self, path: str) -> None:
        """Removes whatever stands on the way to the path and is no folder, and at its place and is one."""
        place = self.tree
        for part in path.split("/"):
            place = place / part
            if place.is_symlink() or place.is_file():
                place.unlink()
                return
        shutil.rmtree(place, ignore_errors=True)

    def _remove(self, path: str) -> None:
        """Removes a file of the copy, unless a link stands on the way to it."""
        place = self.tree
        for part in path.split("/")[:-1]:
            place = place / part
            if place.is_symlink() or not place.is_dir():
                return
        target = self.tree / path
        if target.is_symlink() or not target.is_dir():
            target.unlink(missing_ok=True)

    def _sign_of(self, path: str) -> Sign | None:
        try:
            return _sign(os.lstat(f"{self.tree}/{path}"))
        except OSError:
            return None

    def _read(self, path: str) -> bytes | None:
        try:
            with open(os.open(self.tree / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
                return file.read()
        except OSError:
            return None


def _walk(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """What is to be copied, by relative path: files, links, and folders of vendored packages as a whole."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda one: one.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISLNK(status.st_mode) or stat.S_ISREG(status.st_mode):
                yield path, status
            elif stat.S_ISDIR(status.st_mode) and not _is_left_out(entry):
                if entry.name in _VENDORED and holds_vendored(Path(entry.path)):
                    yield path, status
                else:
                    waiting.append(path)


def _is_left_out(entry: os.DirEntry[str]) -> bool:
    marks = ("CACHEDIR.TAG", ".rustc_info.json")
    return entry.name in _LEFT_OUT or any(os.path.exists(os.path.join(entry.path, mark)) for mark in marks)


def holds_vendored(folder: Path) -> bool:
    """Whether packages are in it that `cargo vendor` put there."""
    try:
        with os.scandir(folder) as entries:
            return any(os.path.exists(os.path.join(one.path, ".cargo-checksum.json")) for one in entries)
    except OSError:
        return False


def _sign(status: os.stat_result) -> Sign:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _new_file(path: str, data: bytes, mode: int) -> None:
    _forget(path)
    write_whole(path, data, mode)


def _copy_file(origin: Path, to: str, mode: int) -> None:
    _forget(to)
    with open(origin, "rb") as file:
        copy_and_hash(file.fileno(), to, mode)


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
