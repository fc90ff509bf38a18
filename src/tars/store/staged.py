"""What a process has put into the objects and no committed entry names yet: what it remembers of it, and how it is made
durable."""

import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from tars.core.errors import StoreError
from tars.core.values import Digest
from tars.store.copy import copy_and_hash
from tars.store.durable import FSYNC_FILES_MAX, refusal, sync_all

_DURABLE_BITS = 0o044


class Staged:
    """The staged objects of one process in the folder `objects`; used from any thread."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._mutex = threading.Lock()
        self._known: set[Digest] = set()
        self._touched: set[Digest] = set()
        self._pending: dict[Digest, int] = {}
        self._refused: OSError | None = None

    def holds(self, digest: Digest) -> bool:
        """Whether the object is known to be there; then it is wanted by the transaction that follows."""
        if digest not in self._known:
            return False
        self._touched.add(digest)
        return True

    def put(self, digest: Digest, inode: int) -> None:
        """This process has stored the object, in the file of that inode."""
        with self._mutex:
            self._pending[digest] = inode
            self._touched.add(digest)
            self._known.add(digest)

    def adopt(self, digest: Digest, status: os.stat_result) -> None:
        """The object was there already, and is whole."""
        with self._mutex:
            self._touched.add(digest)
            if is_durable(status):
                self._known.add(digest)
            else:
                self._pending[digest] = status.st_ino

    def digests(self) -> frozenset[Digest]:
        with self._mutex:
            return frozenset(self._touched)

    def forget(self, digests: Iterable[Digest]) -> None:
        """Drops what is remembered of objects that were removed."""
        self._known.difference_update(digests)

    @contextmanager
    def syncing(self) -> Iterator[None]:
        """Where many objects are pending, they are made durable while the block runs: `make_durable` has less to wait
        for. A refusal of the disk is raised there, since after one the system calls durable what is not."""
        if len(self._pending) <= FSYNC_FILES_MAX:
            yield
            return
        thread = threading.Thread(target=self._sync_ahead)
        try:
            thread.start()
        except RuntimeError:  # The system gives no more threads; the commit does it all.
            yield
            return
        try:
            yield
        finally:
            thread.join()

    def make_durable(self) -> None:
        """As `Objects.make_durable`."""
        with self._mutex:
            pending, self._pending = self._pending, {}
            touched, self._touched = self._touched, set()
            refused, self._refused = self._refused, None
        try:
            if refused is not None:
                raise refused
            marked = self._sync(pending)
            self._sync(self._fresh(touched - marked))
            # What is remembered holds for one transaction: later, a collection may have removed it.
            self._known.clear()
        except OSError as error:
            with self._mutex:
                self._pending.update(pending)
                self._touched.update(touched)
                self._known -= touched
            if isinstance(error, FileNotFoundError):
                raise StoreError(
                    "an object was removed while a transaction that needs it was being made; nothing was recorded",
                    hint="something else cleans this project's `.tars` folder at the same time; run again",
                ) from error
            raise refusal(f"make objects durable in {self._folder}", error) from error

    def _sync_ahead(self) -> None:
        with self._mutex:
            pending, self._pending = self._pending, {}
        try:
            self._sync(pending)
        except OSError as error:
            with self._mutex:
                self._pending = pending | self._pending
                self._refused = error

    def _sync(self, pending: Mapping[Digest, int]) -> set[Digest]:
        """Makes the objects durable and marks them so. Returns those that still are what was put."""
        if not pending:
            return set()
        names = [path_in(self._folder, digest) for digest in pending]
        folders = {os.path.dirname(name) for name in names}
        sync_all(self._folder, names, [*folders, self._folder], len(names))
        return {digest for digest, inode in pending.items() if _mark(path_in(self._folder, digest), inode)}

    def _fresh(self, digests: Iterable[Digest]) -> dict[Digest, int]:
        """Those that are not durable, though they were put or were found so: removed since, and put again by another
        process, which may not have synced them. Raises `FileNotFoundError` where one is missing or not whole."""
        fresh = {}
        for digest in digests:
            path = path_in(self._folder, digest)
            status = os.stat(path)
            if not is_durable(status):
                if not is_intact(path, digest):
                    raise FileNotFoundError(path)
                fresh[digest] = status.st_ino
        return fresh


def path_in(folder: str, digest: Digest) -> str:
    """Where an object is, or would be."""
    return f"{folder}/{digest[:2]}/{digest[2:]}"


def is_durable(status: os.stat_result) -> bool:
    """Whether the object was marked as one that has reached the medium."""
    return bool(status.st_mode & _DURABLE_BITS)


def is_intact(path: str, digest: Digest) -> bool:
    """Whether the file has the bytes that the digest names."""
    with open(path, "rb") as file:
        return copy_and_hash(file.fileno(), None, 0)[0] == digest


def _mark(path: str, inode: int) -> bool:
    """Opens the object to readers, which says that it is durable; only the very file that was synced. False where it is
    another one."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        status = os.fstat(descriptor)
        if status.st_ino == inode and sys.platform != "win32":
            os.fchmod(descriptor, 0o555 if status.st_mode & 0o100 else 0o444)
        return status.st_ino == inode
    finally:
        os.close(descriptor)
