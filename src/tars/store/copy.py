"""Copying files in pieces: by the kernel where it can, hashed as they go, and put in place in one step."""

import errno
import os
import sys

from blake3 import blake3

CHUNK_BYTES = 1 << 20
_CANNOT = frozenset({errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF, errno.EIO})
_BINARY = getattr(os, "O_BINARY", 0)
READING = os.O_RDONLY | _BINARY
"""How a file is opened whose bytes are read as they are, also on Windows."""


def write_whole(path: str, data: bytes, mode: int) -> int:
    """Makes a new file of these bytes and returns its inode; where that fails no file is left."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    try:
        try:
            written = os.write(descriptor, data)
            while written < len(data):
                written += os.write(descriptor, data[written:])
            return os.fstat(descriptor).st_ino
        finally:
            os.close(descriptor)
    except BaseException:
        os.unlink(path)
        raise


def copy_and_hash(source: int, to: str | None, mode: int) -> tuple[str, int]:
    """Copies an open file to the new file `to` and returns the blake3 digest and the size of what was written.

    With no `to` it is only hashed. A file system that can share blocks does so (`copy_file_range`); then, as always,
    what is hashed is the copy. Where copying fails no file is left. Raises `OSError`.
    """
    if to is None:
        return _pump(source, -1)
    size = os.fstat(source).st_size
    target = os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    try:
        try:
            if size > CHUNK_BYTES and _copy_by_kernel(source, target):
                os.lseek(target, 0, os.SEEK_SET)
                return _pump(target, -1)
            return _pump(source, target)
        finally:
            os.close(target)
    except BaseException:
        os.unlink(to)
        raise


def place(scratch: str, target: str) -> None:
    """Moves a finished file to its name in one step, also from another file system. Raises `OSError`."""
    try:
        os.replace(scratch, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            os.unlink(scratch)
            raise
        near = f"{target}.{os.getpid()}.part"
        with open(scratch, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            copy_and_hash(file.fileno(), near, mode)
        os.unlink(scratch)
        os.replace(near, target)


def _copy_by_kernel(source: int, target: int) -> bool:
    """Whether the kernel copied the whole file; False, with nothing copied, where it cannot."""
    if not sys.platform.startswith("linux"):
        return False
    copied = 0
    while True:
        try:
            # Without offsets both files' positions move along, so the loop ends at the source's end, wherever that is.
            done = os.copy_file_range(source, target, 1 << 30)
        except OSError as error:
            if copied == 0 and error.errno in _CANNOT:
                return False
            raise
        if done == 0:
            return copied > 0
        copied += done


def _pump(source: int, target: int) -> tuple[str, int]:
    hasher = blake3()
    size = 0
    while chunk := os.read(source, CHUNK_BYTES):
        hasher.update(chunk)
        size += len(chunk)
        written = 0 if target >= 0 else len(chunk)
        while written < len(chunk):
            written += os.write(target, chunk[written:] if written else chunk)
    return hasher.hexdigest(), size
