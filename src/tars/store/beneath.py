"""Writing files beneath a folder without ever leaving it: no path climbs, and no symbolic link is followed."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tars.core.errors import StoreError
from tars.store.copy import copy_and_hash
from tars.store.durable import refusal, sync_descriptor, sync_path, told

_BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd and os.mkdir in os.supports_dir_fd
_READ_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FOLDER_FLAGS = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


def place_beneath(folder: Path, path: str, scratch: str, *, durable: bool = False) -> None:
    """Moves the finished file `scratch` to `path` beneath `folder` in one step; folders that are missing are made.

    Raises `StoreError`, and removes `scratch`, where a part of the path is a symbolic link or no folder, or the place
    is taken by a folder. A symbolic link at the very place is replaced, never followed.
    """
    try:
        if _BY_DESCRIPTOR:
            _place_by_descriptor(folder, path, scratch, durable)
        else:
            _place_by_path(folder, path, scratch, durable)
    except OSError as error:
        if os.path.lexists(scratch):
            os.unlink(scratch)
        raise _in_the_way(folder, path, error) from error


def read_beneath(folder: Path, path: str) -> tuple[bytes, os.stat_result] | None:
    """The content and state of the file at `path` beneath `folder`; None where there is none.

    Raises `StoreError` where the file or a folder on the way to it is a symbolic link, or it is no regular file.
    """
    with reading_beneath(folder, path) as file:
        return None if file is None else (file.read(), os.fstat(file.fileno()))


@contextmanager
def reading_beneath(folder: Path, path: str) -> Iterator[BinaryIO | None]:
    """As `read_beneath`, but the open file."""
    *parents, name = path.split("/")
    place = folder
    try:
        for part in parents:
            place = place / part
            if stat.S_ISLNK(os.lstat(place).st_mode):
                raise OSError(errno.ELOOP, "a symbolic link is in the way", str(place))
        file = open(os.open(place / name, os.O_RDONLY | _READ_FLAGS), "rb")  # noqa: SIM115 - closed below
    except (FileNotFoundError, NotADirectoryError):
        yield None
        return
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise StoreError(
                f"{folder / path} is, or lies behind, a symbolic link, which TARS does not follow",
                hint=f"work where the file really is: {os.path.realpath(folder / path)}",
            ) from error
        raise refusal(f"read {folder / path}", error) from error
    with file, told(f"read {folder / path}"):
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise StoreError(f"{folder / path} is not a regular file", hint="TARS changes regular files only")
        yield file


def remove_beneath(folder: Path, path: str) -> None:
    """Removes the file at `path` beneath `folder`, if it is there; refuses a symbolic link on the way to it."""
    parts = path.split("/")
    try:
        place = folder
        for part in parts[:-1]:
            place = place / part
            if stat.S_ISLNK(os.lstat(place).st_mode):
                raise OSError(errno.ELOOP, "a symbolic link is in the way", str(place))
        os.unlink(place / parts[-1])
    except FileNotFoundError:
        return
    except OSError as error:
        raise _in_the_way(folder, path, error) from error


def refuse_colliding(paths: Iterable[str], folder: Path) -> None:
    """Raises `StoreError` where two of the paths are one file on this file system (case, Unicode form)."""
    from unicodedata import normalize  # noqa: PLC0415  (a library of its own, for few commands)

    seen: dict[str, str] = {}
    for path in paths:
        folded = path.casefold() if path.isascii() else normalize("NFC", path).casefold()
        other = seen.setdefault(folded, path)
        if other != path and _folds_names(folder):
            raise StoreError(
                f"cannot restore both {other!r} and {path!r} into {folder}: here they are the same file",
                hint="use a file system that tells upper from lower case",
            )


def _folds_names(folder: Path) -> bool:
    probe = folder / f".tars-probe-{os.getpid()}"
    try:
        probe.touch()
        return (folder / probe.name.upper()).exists()
    except OSError as error:
        raise refusal(f"write to {folder}", error) from error
    finally:
        probe.unlink(missing_ok=True)


def _place_by_descriptor(folder: Path, path: str, scratch: str, durable: bool) -> None:
    *parents, name = path.split("/")
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        for part in parents:
            outer, descriptor = descriptor, _enter(descriptor, part, durable)
            os.close(outer)
        try:
            os.rename(scratch, name, dst_dir_fd=descriptor)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            near = f".{os.getpid()}.tars-part"
            _copy_near(scratch, near, descriptor)
            os.rename(near, name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
        if durable:
            sync_descriptor(descriptor)
    finally:
        os.close(descriptor)


def _enter(descriptor: int, part: str, durable: bool) -> int:
    """Opens the folder `part` of the open folder; it is made where missing."""
    try:
        return os.open(part, os.O_RDONLY | _FOLDER_FLAGS, dir_fd=descriptor)
    except FileNotFoundError:
        try:
            os.mkdir(part, dir_fd=descriptor)
        except FileExistsError:
            pass  # Another process made it meanwhile; opening it below tells whether it is a folder.
        if durable:
            sync_descriptor(descriptor)
        return os.open(part, os.O_RDONLY | _FOLDER_FLAGS, dir_fd=descriptor)


def _copy_near(scratch: str, near: str, folder: int) -> None:
    """Copies the file into the open folder, which lies on another file system, and removes it where it was."""
    with open(scratch, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode & 0o777
        target = os.open(
            near, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _FOLDER_FLAGS & ~os.O_DIRECTORY, mode, dir_fd=folder
        )
        try:
            while chunk := file.read(1 << 20):
                while chunk:
                    chunk = chunk[os.write(target, chunk) :]
            os.fchmod(target, mode)  # what the umask took away
            sync_descriptor(target)
        finally:
            os.close(target)
    os.unlink(scratch)


def _place_by_path(folder: Path, path: str, scratch: str, durable: bool) -> None:
    place = folder
    for part in path.split("/")[:-1]:
        place = place / part
        if place.is_symlink():
            raise OSError(errno.ELOOP, "a symbolic link is in the way", str(place))
        place.mkdir(exist_ok=True)
    target = place / path.split("/")[-1]
    try:
        os.replace(scratch, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        near = f"{target}.{os.getpid()}.tars-part"
        with open(scratch, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            copy_and_hash(file.fileno(), near, mode)
        os.chmod(near, mode)
        os.unlink(scratch)
        os.replace(near, target)
    if durable:
        sync_path(place)


def _in_the_way(folder: Path, path: str, error: OSError) -> StoreError:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return StoreError(
            f"cannot write {path!r} beneath {folder}: a symbolic link or a file stands where a folder is needed",
            hint="TARS never writes through links, which could lead out of the project: replace it by a folder",
        )
    if error.errno in (errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY):
        return StoreError(
            f"cannot write {path!r} beneath {folder}: a folder stands in its place", hint="move the folder away"
        )
    return refusal(f"write {path!r} beneath {folder}", error)
