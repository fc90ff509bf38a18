"""The one place that makes bytes survive a power cut: syncing files, folders and whole file systems, and what to say
when the disk refuses."""

import errno
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from tars.core.errors import StoreError

FSYNC_FILES_MAX = 8
"""Up to this many new files are synced one by one; above it one `syncfs` is cheaper, though it also waits for what
other programs have written to the same file system."""

FREE_BYTES_LEAST = 128 << 10
"""SQLite needs some to make its log and the log's index, without which it cannot open a journal."""
_HINTS = {
    errno.ENOSPC: "the disk is full: free some space (`tarscli prune --keep N`, `tarscli gc`) and run again",
    errno.EDQUOT: "your disk quota is used up: free some space and run again",
    errno.EFBIG: "a limit on the size of files is in force (`ulimit -f`): raise it and run again",
    errno.EROFS: "the file system is read-only: use another folder with --project, or mount it writable",
    errno.EACCES: "check who owns the folder and whether you may write to it",
    errno.EPERM: "check who owns the folder and whether you may write to it",
    errno.EMFILE: "too many files are open: raise the limit with `ulimit -n`",
    errno.EIO: "the disk reports errors: check it before going on",
}


class told:  # noqa: N801 - it reads as a word, and many blocks pass it
    """Turns an `OSError` in the block into a `StoreError` that says what could not be done, where, and what next."""

    def __init__(self, doing: str) -> None:
        self.doing = doing

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise refusal(self.doing, error) from error


def refusal(doing: str, error: OSError) -> StoreError:
    """The error to raise where the system refused to do `doing`."""
    reason = error.strerror or str(error)
    hint = _HINTS.get(error.errno or 0, "check that the folder is there and that you may write to it")
    return StoreError(f"cannot {doing}: {reason}", hint=hint)


def is_full(path: Path) -> bool:
    """Whether the disk that the file is on, or is to be on, has so little room that not even SQLite can open there."""
    try:
        return shutil.disk_usage(path.parent).free < FREE_BYTES_LEAST
    except OSError:
        return False  # there is no such folder any more


def sync_descriptor(descriptor: int) -> None:
    """Waits until the file or folder is on the medium, past the drive's own cache where the system can tell it to."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415  (not on Windows)

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:
            os.fsync(descriptor)
        return
    os.fsync(descriptor)


def sync_path(path: str | os.PathLike[str]) -> None:
    """Syncs the file or the folder at `path`. On Windows a folder cannot be opened, and needs no sync."""
    if sys.platform == "win32":
        if os.path.isdir(path):
            return
        descriptor = os.open(path, os.O_RDWR | os.O_BINARY)
    else:
        descriptor = os.open(path, os.O_RDONLY)
    try:
        sync_descriptor(descriptor)
    finally:
        os.close(descriptor)


def sync_all(folder: str, files: Iterable[str], folders: Iterable[str], count: int) -> None:
    """Makes `count` files and the folders that name them durable; all lie on the file system of `folder`."""
    if count > FSYNC_FILES_MAX and sync_file_system(folder):
        return
    for path in files:
        sync_path(path)
    for path in folders:
        sync_path(path)


def sync_file_system(folder: str) -> bool:
    """Syncs everything on the file system of `folder` at once; False where the system has no such call."""
    if not sys.platform.startswith("linux"):
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return _syncfs(descriptor)
    finally:
        os.close(descriptor)


def _syncfs(descriptor: int) -> bool:
    import ctypes  # noqa: PLC0415  (slow to load, and most openings of a store write nothing)

    try:
        call = ctypes.CDLL(None, use_errno=True).syncfs
    except AttributeError:
        return False
    if call(descriptor) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(number, os.strerror(number))
