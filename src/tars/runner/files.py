"""The contents of a project's files as digests, read again only when size, times or inode say that they may differ."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from time import time_ns
from typing import NamedTuple

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import TarsError
from tars.core.values import Digest

SETTLED_NS = 20_000_000
"""A digest is trusted only if the file was this much older than its reading: a later write within the same tick of
the file system's clock would leave the times as they were. Kernels tick every 1 to 10 ms."""

_ABSENT = Digest("absent")
_BINARY = getattr(os, "O_BINARY", 0)


class Stamp(NamedTuple):
    """What `stat` says of a file, as far as a change of content must change it."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Known(NamedTuple):
    stamp: Stamp
    digest: Digest
    trusted: bool


class Files(Prefab):
    """Digests of files by path relative to the project (or absolute, for those outside of it).

    `known` may come from an earlier run. With `verify` every file is read again, whatever `stat` says.
    """

    project: Path
    known: dict[str, Known]
    verify: bool = False
    used: set[str] = attribute(default_factory=set)
    """The paths that were asked for since the project was opened: what the run rests on."""
    _root: str = attribute(init=False)

    def __prefab_post_init__(self) -> None:
        self._root = str(self.project)

    def digest_of(self, path: str) -> Digest:
        """The blake3 digest of a file's content, or the fixed word `absent`. Raises `TarsError` for what is no file."""
        self.used.add(path)
        status = self._status(path)
        return _ABSENT if status is None else self._digest(path, status)

    def digests_below(self, path: str) -> dict[str, Digest]:
        """The digests of a file, or of all files in a folder, by path; symbolic links count by what they point to."""
        status = self._status(path)
        if status is not None and S_ISDIR(status.st_mode):
            return {name: self.digest_of(name) for name in self._below(path)}
        self.used.add(path)
        return {path: _ABSENT if status is None else self._digest(path, status)}

    def _status(self, path: str) -> os.stat_result | None:
        try:
            return os.stat(self._absolute(path))
        except (FileNotFoundError, NotADirectoryError):
            self.known.pop(path, None)
            return None
        except OSError as error:
            raise TarsError(f"cannot read {path}: {error.strerror}") from error

    def _digest(self, path: str, status: os.stat_result) -> Digest:
        if not S_ISREG(status.st_mode):
            raise TarsError(f"{path} is not a file", hint="an input is a regular file or a folder of such")
        stamp = stamp_of(status)
        known = self.known.get(path)
        if known is not None and known.stamp == stamp and known.trusted and not self.verify:
            return known.digest
        now = time_ns()
        digest = _digest_file(self._absolute(path), path, status.st_size)
        trusted = now - max(stamp.mtime_ns, stamp.ctime_ns) > SETTLED_NS
        self.known[path] = Known(stamp, digest, trusted)
        return digest

    def unchanged(self, paths: dict[str, Digest]) -> bool:
        """Whether the files still hold what they held when their digests were taken."""
        return all(self.digest_of(path) == digest for path, digest in paths.items())

    def stamp(self, path: str) -> Stamp | None:
        """What `stat` says now, or None for what is not there; unlike digests, also of folders."""
        try:
            return stamp_of(os.stat(self._absolute(path)))
        except OSError:
            return None

    def remember(self, path: str, digest: Digest) -> None:
        """Take note of a file that was just written with known content: its time is too new to be trusted yet."""
        self.used.add(path)
        stamp = self.stamp(path)
        if stamp is not None:
            self.known[path] = Known(stamp, digest, trusted=False)

    def _absolute(self, path: str) -> str:
        return path if os.path.isabs(path) else f"{self._root}/{path}"

    def _below(self, folder: str) -> Iterator[str]:
        for entry in sorted(os.scandir(self._absolute(folder)), key=lambda entry: entry.name):
            name = f"{folder}/{entry.name}"
            if S_ISDIR(entry.stat(follow_symlinks=False).st_mode):
                yield from self._below(name)
            elif entry.is_file():
                yield name


def stamps(files: Files, reads: Iterable[str], programs: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Lines for the manifest of the fast path: everything that was used, the folders around it (in which a new file
    may come to count), and the programs. The digest is given where the stamp alone proves nothing yet."""
    folders: dict[str, None] = {}
    for path in reads:
        if os.path.isdir(files.project / path):
            folders[path] = None  # what counts is its listing
        else:
            files.digest_of(path)
    for path in sorted(files.used):
        known = files.known.get(path)
        if known is None:
            yield "absent", "", path
        else:
            yield _text(known.stamp), "" if known.trusted else known.digest, path
        while not os.path.isabs(path) and (path := os.path.dirname(path)) and path not in folders:
            folders[path] = None
    for path in (*folders, *programs):
        stamp = files.stamp(path)
        yield _text(stamp) if stamp else "absent", "", path


def _text(stamp: Stamp) -> str:
    return f"{stamp.size} {stamp.mtime_ns} {stamp.ctime_ns} {stamp.inode}"


def stamp_of(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _digest_file(absolute: str, path: str, size: int) -> Digest:
    """`size` is what `stat` says: most files are read whole by one call."""
    try:
        descriptor = os.open(absolute, os.O_RDONLY | _BINARY)
        try:
            hasher = blake3()
            read = 0
            while (not size or read < size) and (chunk := os.read(descriptor, 1 << 20)):
                hasher.update(chunk)
                read += len(chunk)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise TarsError(f"cannot read {path}: {error.strerror}") from error
    return Digest(hasher.hexdigest())
