"""Content-addressed objects: immutable files named by the blake3 digest of their bytes, in `objects/ab/cdef…`.

An object's mode tells how safe it is. A fresh one is readable by its owner only (0400, 0500); once it is known to have
reached the medium it is opened to all readers (0444, 0555). So after a power cut an object that may be torn is told
from one that cannot be by one `stat`, and two processes that store the same content never trust a name that the
other has not yet synced.
"""

import os
import stat
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path

from blake3 import blake3

from tars.core.errors import CorruptError, StoreError
from tars.core.values import Digest
from tars.store.copy import CHUNK_BYTES, READING, copy_and_hash, place, write_whole
from tars.store.durable import refusal, sync_path, told
from tars.store.lock import Lock
from tars.store.staged import Staged, is_durable, is_intact, path_in
from tars.store.tree import decode, encode, fault_of_path
from tars.store.values import Leaf, Tree

_REFRESH_SECONDS = 60.0
_TREES_MAX = 4096
_serial = count()


class Objects:
    """The objects of one store. Putting is safe from any thread and any process at once, and needs no transaction;
    what is put is durable once a transaction that follows has ended."""

    def __init__(self, root: Path, writers: Lock, sweeping: Lock) -> None:
        self._folder = str(root / "objects")
        self._scratch = str(root / "tmp")
        self._writers = writers
        self._sweeping = sweeping
        self._mutex = threading.Lock()
        self._writing = False
        self._staged = Staged(self._folder)
        self._trees: dict[Digest, Mapping[str, Leaf]] = {}

    def put(self, data: bytes, *, executable: bool = False) -> Digest:
        """Stores the bytes and returns their digest; does nothing where they are stored already."""
        digest = Digest(blake3(data).hexdigest())
        if self._staged.holds(digest):
            return digest
        if not self._create(digest, data, executable) and not self._adopt(digest):
            scratch = self._scratch_name()
            with told(f"store an object in {self._folder}"):
                write_whole(scratch, data, 0o500 if executable else 0o400)
            self._name(scratch, digest)
        return digest

    def put_file(self, path: str | os.PathLike[str], *, executable: bool | None = None) -> Leaf:
        """Stores a file of any size without holding it in memory. Its executable bit is kept, unless given.

        What is hashed is the copy, so a file that changes meanwhile is stored as it was at one moment of the copying,
        never under a digest that its content does not have. Raises `StoreError` where it is no regular file.
        """
        try:
            descriptor = os.open(path, READING)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    raise StoreError(f"cannot store {os.fspath(path)}: it is not a regular file")
                if executable is None:
                    executable = bool(status.st_mode & 0o100)
                if status.st_size > CHUNK_BYTES:
                    return self._put_large(descriptor, executable)
                data = os.read(descriptor, status.st_size + 1)
                if len(data) == status.st_size:
                    return Leaf(self.put(data, executable=executable), executable, len(data))
                # It changes meanwhile, or the system gives it in pieces.
                os.lseek(descriptor, 0, os.SEEK_SET)
                return self._put_large(descriptor, executable)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise refusal(f"store {os.fspath(path)}", error) from error

    def put_tree(self, tree: Tree) -> Digest:
        """Stores the list of files and returns its digest; the files' own objects must be put as well."""
        digest = self.put(encode(tree))
        if len(self._trees) < _TREES_MAX:
            self._trees[digest] = dict(tree)
        return digest

    def get(self, digest: Digest) -> bytes:
        """The object's bytes. Raises `CorruptError`, naming it, where it is missing or its bytes are not its own."""
        path = self.file(digest)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except FileNotFoundError as error:
            raise _missing(digest, path) from error
        except OSError as error:
            raise refusal(f"read object {digest}", error) from error
        if blake3(data).hexdigest() != digest:
            raise _damaged(digest, path)
        return data

    def tree(self, digest: Digest) -> dict[str, Leaf]:
        """The tree of that digest. Raises `CorruptError` where it is missing, damaged or no tree."""
        return decode(self.get(digest), digest)

    def tree_just_put(self, digest: Digest) -> Mapping[str, Leaf]:
        """As `tree`, but a tree that this process itself has put is not read again."""
        return self._trees.get(digest) or self.tree(digest)

    def adopt(self, digest: Digest) -> bool:
        """Whether the object is there and whole; then it is kept, and made durable, for the transaction that follows.

        An object that was never seen to be durable may be what a killed process left of it: its bytes are read.
        """
        return self._staged.holds(digest) or self._adopt(digest)

    def adopt_tree(self, digest: Digest) -> bool:
        """As `adopt`, of a tree and every file that it lists."""
        return self.adopt(digest) and all(self.adopt(leaf.digest) for leaf in self.tree_just_put(digest).values())

    def path(self, digest: Digest) -> Path:
        """Where the object is, or would be. The file is read-only and may be linked to, never written."""
        return Path(self.file(digest))

    def file(self, digest: Digest) -> str:
        """As `path`, as text."""
        return path_in(self._folder, digest)

    def size(self, digest: Digest) -> int:
        """The object's size in bytes. Raises `CorruptError` where it is missing."""
        try:
            return os.stat(self.file(digest)).st_size
        except FileNotFoundError as error:
            raise _missing(digest, self.file(digest)) from error

    def restore(self, leaf: Leaf, to: Path) -> None:
        """Writes a verified, writable copy of the object to `to`, at once: what stood there is replaced or untouched.

        Folders that are missing are made. A symbolic link at `to` is replaced, never followed.
        Raises `CorruptError` where the object is missing or damaged.
        """
        with told(f"restore {to}"):
            to.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._copied(leaf, str(to))
        with told(f"restore {to}"):
            place(scratch, str(to))

    def restore_tree(self, tree: Tree, folder: Path, *, durable: bool = False) -> None:
        """Restores every file of the tree beneath `folder`, each at once. No write leaves the folder: a path that
        climbs, and a symbolic link in the way, are refused with `StoreError`."""
        from tars.store.beneath import place_beneath, refuse_colliding  # noqa: PLC0415  (needed by few commands)

        for path in tree:
            fault = fault_of_path(path)
            if fault:
                raise StoreError(f"cannot restore {path!r}: it {fault}")
        with told(f"restore into {folder}"):
            folder.mkdir(parents=True, exist_ok=True)
        refuse_colliding(tree, folder)
        for path, leaf in tree.items():
            scratch = self._copied(leaf, str(folder / path))
            if durable:
                with told(f"restore {path}"):
                    sync_path(scratch)
            place_beneath(folder, path, scratch, durable=durable)

    def make_durable(self) -> None:
        """Returns when everything put so far has reached the medium, names included.

        The caller holds the sweeping lock shared. Raises `StoreError` where an object that was put, by this process,
        is gone again: then what names it must not be committed.
        """
        self._staged.make_durable()

    def syncing(self) -> AbstractContextManager[None]:
        """In its block what was put before is made durable already, where that takes long."""
        return self._staged.syncing()

    def staged(self) -> frozenset[Digest]:
        """What was put and is not yet named by a committed entry, as far as this process knows."""
        return self._staged.digests()

    def forget(self, digests: Iterable[Digest]) -> None:
        """Drops what is remembered of objects that were removed."""
        self._staged.forget(digests)

    def replace(self, digest: Digest, path: Path) -> bool:
        """Puts an intact copy in the place of a damaged or missing object; False where the file at `path` is not it."""
        self.begin_writing()
        scratch = self._scratch_name()
        with told(f"repair object {digest}"), open(path, "rb") as file:
            executable = bool(os.fstat(file.fileno()).st_mode & 0o100)
            if copy_and_hash(file.fileno(), scratch, 0o500 if executable else 0o400)[0] != digest:
                os.unlink(scratch)
                return False
            target = self.file(digest)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            self._put_in_place_of(scratch, target, digest)
        return True

    def begin_writing(self) -> None:
        """Tells other processes, until the store is closed, that objects are being staged here."""
        if not self._writing:
            with self._mutex:
                if not self._writing:
                    with told(f"write to {self._folder}"):
                        self._writers.take_shared()
                    self._writing = True

    def _scratch_name(self) -> str:
        return f"{self._scratch}/object-{os.getpid()}-{threading.get_ident()}-{next(_serial)}"

    def _put_large(self, descriptor: int, executable: bool) -> Leaf:
        self.begin_writing()
        scratch = self._scratch_name()
        name, size = copy_and_hash(descriptor, scratch, 0o500 if executable else 0o400)
        digest = Digest(name)
        if self._adopt(digest):
            os.unlink(scratch)
        else:
            self._name(scratch, digest)
        return Leaf(digest, executable, size)

    def _create(self, digest: Digest, data: bytes, executable: bool) -> bool:
        """Writes a new small object under its own name; False where something has that name already.

        A crash may leave it torn, which its mode tells: like every object it is trusted only once it was synced.
        """
        self.begin_writing()
        target = self.file(digest)
        mode = 0o500 if executable else 0o400
        with told(f"store an object in {self._folder}"):
            try:
                inode = write_whole(target, data, mode)
            except FileExistsError:
                return False
            except FileNotFoundError:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                return self._create(digest, data, executable)
        self._staged.put(digest, inode)
        return True

    def _adopt(self, digest: Digest) -> bool:
        """Whether the object is there already. Takes part in its sync where it is not known to be durable."""
        self.begin_writing()
        path = self.file(digest)
        try:
            status = os.stat(path)
        except FileNotFoundError:
            return False
        with self._sweeping.shared(), told(f"store object {digest}"):
            try:
                status = os.stat(path)
                # A collection that runs meanwhile tells by this time that somebody wants the object again.
                if abs(time.time() - status.st_mtime) > _REFRESH_SECONDS:
                    os.utime(path)
            except FileNotFoundError:
                return False
            if not is_durable(status) and not is_intact(path, digest):
                return False
        self._staged.adopt(digest, status)
        return True

    def _name(self, scratch: str, digest: Digest) -> None:
        """Gives the finished scratch file its name, unless another process was faster with the same content."""
        target = self.file(digest)
        with told(f"store object {digest}"):
            try:
                inode = os.stat(scratch).st_ino
                try:
                    _link(scratch, target)
                except FileNotFoundError:
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    _link(scratch, target)
            except FileExistsError:
                if not is_intact(target, digest):
                    self._put_in_place_of(scratch, target, digest)
                    return
                inode = os.stat(target).st_ino
            os.unlink(scratch)
        self._staged.put(digest, inode)

    def _put_in_place_of(self, scratch: str, target: str, digest: Digest) -> None:
        """Replaces a torn object. The new bytes are synced first: others may rely on the name at any moment."""
        sync_path(scratch)
        inode = os.stat(scratch).st_ino
        os.replace(scratch, target)
        self._staged.put(digest, inode)

    def copy_out(self, digest: Digest, to: str, mode: int, needed_for: str) -> None:
        """Writes a verified copy of the object to the new file `to`. Raises `CorruptError` as `get`."""
        path = self.file(digest)
        try:
            with open(path, "rb") as file, told(f"restore {needed_for}"):
                name, _ = copy_and_hash(file.fileno(), to, mode)
        except FileNotFoundError as error:
            raise _missing(digest, path, needed_for) from error
        if name != digest:
            os.unlink(to)
            raise _damaged(digest, path, needed_for)

    def _copied(self, leaf: Leaf, target: str) -> str:
        """A verified copy of the object in the scratch folder."""
        scratch = self._scratch_name()
        self.copy_out(leaf.digest, scratch, 0o755 if leaf.executable else 0o644, target)
        return scratch


def _link(scratch: str, target: str) -> None:
    """Names the file without ever replacing one: a rename would put unsynced bytes where others rely on synced ones."""
    if sys.platform == "win32":
        os.rename(scratch, target)
        return
    try:
        os.link(scratch, target)
    except PermissionError:
        # A file system without hard links. Its owner loses only the certainty against two racing writers.
        if os.path.exists(target):
            raise FileExistsError(target) from None
        os.rename(scratch, target)


def _missing(digest: Digest, path: str, target: str = "") -> CorruptError:
    needed = f", needed for {target}," if target else ""
    return CorruptError(
        f"object {digest}{needed} is missing at {path}",
        hint="run `tarscli store repair`; it says what can be restored and what is lost",
    )


def _damaged(digest: Digest, path: str, target: str = "") -> CorruptError:
    needed = f", needed for {target}," if target else ""
    return CorruptError(
        f"object {digest}{needed} is damaged: the bytes at {path} do not have its digest",
        hint="run `tarscli store repair`; it says what can be restored and what is lost",
    )
