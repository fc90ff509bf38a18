"""The contents of a project's files as digests, read again only when size, times or inode say that they may differ."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from time import time_ns
from typing import NamedTuple

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import TarsError
from tars.core.values import Digest
from tars.runner.warm import SETTLED_NS, names_digest, names_in

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
    listed: dict[str, frozenset[str]] = attribute(default_factory=dict)
    """The folders that were gone through since then, each with the names that were in it."""
    supposed: dict[str, Digest] = attribute(default_factory=dict)
    """What a plan takes some files to hold, because the run would put them back first."""
    changed: bool = False
    """Whether one of these held something else when it was asked for again: then what rested on it is out of date."""
    _root: str = attribute(init=False)

    def __prefab_post_init__(self) -> None:
        self._root = str(self.project)

    def digest_of(self, path: str) -> Digest:
        """The blake3 digest of a file's content, or the fixed word `absent`. Raises `TarsError` for what is no file."""
        digest = self.supposed.get(path) or self.digest_now(path)
        self.used.add(path)
        return digest

    def digest_now(self, path: str) -> Digest:
        """As `digest_of`, where nothing rests on what the file holds now."""
        return self._found(path, self._status(path))

    def holds(self, path: str, digest: Digest) -> bool:
        """Whether the file holds what it should; only then does anything rest on it."""
        found = self.digest_now(path) == digest
        if found:
            self.used.add(path)
        return found

    def digests_below(self, path: str) -> dict[str, Digest]:
        """The digests of a file, or of all files in a folder, by path; symbolic links count by what they point to. A
        link to a folder that is gone through anyway counts by where it leads."""
        status = self._status(path)
        is_folder = status is not None and S_ISDIR(status.st_mode)
        result = {name: digest for name, digest in self.supposed.items() if name.startswith(f"{path}/")}
        if is_folder:
            self._found(path, None)  # where a file stood before, that is gone
            try:
                self._add_below(path, result, {os.path.realpath(self.absolute(path))})
            except OSError as error:  # a folder that is closed to the user, a link that leads to itself
                name = str(error.filename).removeprefix(f"{self._root}/")
                raise TarsError(f"cannot read {name}: {error.strerror}") from error
        elif not result:
            result[path] = self.supposed.get(path) or self._found(path, status)
            self.used.add(path)
        return result

    def _status(self, path: str) -> os.stat_result | None:
        try:
            return os.stat(self.absolute(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise TarsError(f"cannot read {path}: {error.strerror}") from error

    def _found(self, path: str, status: os.stat_result | None) -> Digest:
        if status is None:
            if self.known.pop(path, None) is not None and path in self.used:
                self.changed = True
            return _ABSENT
        if not S_ISREG(status.st_mode):
            raise TarsError(f"{path} is not a file", hint="an input is a regular file or a folder of such")
        stamp = stamp_of(status)
        known = self.known.get(path)
        if known is not None and known.stamp == stamp and known.trusted and not self.verify:
            return known.digest
        now = time_ns()
        digest = _digest_file(self.absolute(path), path, status.st_size)
        self._note(path, Known(stamp, digest, _is_settled(stamp, now)))
        return digest

    def _note(self, path: str, found: Known) -> None:
        if path in self.used:
            before = self.known.get(path)
            if before is None or before.digest != found.digest:
                self.changed = True
        self.known[path] = found

    def stamp(self, path: str) -> Stamp | None:
        """What `stat` says now, or None for what is not there; unlike digests, also of folders."""
        try:
            return stamp_of(os.stat(self.absolute(path)))
        except OSError:
            return None

    def remember(self, path: str, digest: Digest) -> None:
        """Take note of a file that was just written with known content: its time is too new to be trusted yet."""
        stamp = self.stamp(path)
        if stamp is not None:
            self._note(path, Known(stamp, digest, trusted=False))
        self.used.add(path)

    def absolute(self, path: str) -> str:
        return path if os.path.isabs(path) else f"{self._root}/{path}"

    def _add_below(self, folder: str, result: dict[str, Digest], seen: set[str]) -> None:
        """`seen` are the real paths of the folder that it began with and of those that links led to."""
        with os.scandir(self.absolute(folder)) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        names = frozenset(entry.name for entry in entries)
        if self.listed.setdefault(folder, names) != names:
            self.changed = True
        for entry in entries:
            name = f"{folder}/{entry.name}"
            if not entry.is_symlink():
                if entry.is_dir(follow_symlinks=False):
                    self._add_below(name, result, seen)
                elif entry.is_file(follow_symlinks=False):
                    result[name] = self.digest_of(name)
            elif entry.is_dir():
                real = os.path.realpath(entry.path)
                if any(f"{other}{os.sep}".startswith(f"{real.rstrip(os.sep)}{os.sep}") for other in seen):
                    result[name] = Digest(f"link to {os.readlink(entry.path)}")
                else:
                    seen.add(real)
                    self._add_below(name, result, seen)
            elif entry.is_file():
                result[name] = self.digest_of(name)


def stamps(
    files: Files,
    reads: Iterable[str],
    texts: Mapping[str, str],
    looked: Iterable[tuple[str, frozenset[str]]],
    written: Iterable[str],
    *,
    began_ns: int,
    appears: str,
) -> list[tuple[str, str, str]] | None:
    """Lines for the manifest of the fast path: everything that was used, and the folders in which something was looked
    for and may come to count. The digest is given where the stamp alone proves nothing yet.

    `reads` are files and folders that were read after `began_ns`, `texts` what some of them said, `looked` folders with
    the names that were in them, of which the name `appears` in the project's root counts for nothing. None where any of
    this has changed since it was read: then only the next run can tell what that means. `written` is what stands as the
    run itself has left it.
    """
    if files.changed:
        return None
    lines: dict[str, tuple[str, str]] = {}
    for path in reads:
        stamp, digest = files.stamp(path), ""
        if stamp is not None and _changed_ns(stamp) > began_ns - SETTLED_NS:
            if path not in texts:
                return None
            digest = blake3(texts[path].encode()).hexdigest()
        lines[path] = (_text(stamp), digest)
    for path in files.used:
        known = files.known.get(path)
        lines[path] = (_text(known.stamp), "" if known.trusted else known.digest) if known else (_text(None), "")
    for path, names in (*files.listed.items(), *looked):
        now, stamp = time_ns(), files.stamp(path)
        found = names_in(files.absolute(path))
        if found is None or stamp is None or names - found or found - names - {"" if path else appears}:
            return None
        lines[path] = (_text(stamp), "" if _is_settled(stamp, now) else names_digest(found))
    for path in written:
        lines[path] = (_text(files.stamp(path)), "")
    return [(*line, path) for path, line in sorted(lines.items())]


def _changed_ns(stamp: Stamp) -> int:
    """When the file was last changed. Nobody can set that but by a change, save on Windows, where it is not told."""
    return stamp.mtime_ns if os.name == "nt" else stamp.ctime_ns


def _is_settled(stamp: Stamp, now: int) -> bool:
    return now - max(stamp.mtime_ns, stamp.ctime_ns) > SETTLED_NS


def _text(stamp: Stamp | None) -> str:
    return "absent" if stamp is None else f"{stamp.size} {stamp.mtime_ns} {stamp.ctime_ns} {stamp.inode}"


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
