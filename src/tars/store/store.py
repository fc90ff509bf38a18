"""A project's store: the folder `.tars` with its objects, its journal and the locks between processes."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from tars.core.errors import StoreError
from tars.store.durable import sync_path, told
from tars.store.journal import Journal
from tars.store.lock import Lock
from tars.store.objects import Objects
from tars.store.transaction import Transaction
from tars.store.values import Entry

_FOLDERS = ("objects", "tmp", "cache", "locks")


class Store:
    """Open with `open_store`. One thread at a time may use the journal; objects may be put from any thread.

    `root` is the `.tars` folder; `tmp` a scratch folder on the same file system.
    """

    def __init__(
        self, root: Path, clock: Callable[[], float], *, recovering: bool = False, remaking: bool = False
    ) -> None:
        self.root = root
        self.tmp = root / "tmp"
        self.clock = clock
        self.writers = Lock(root / "locks" / "writers")
        self.sweeping = Lock(root / "locks" / "sweeping")
        self.objects = Objects(root, self.writers, self.sweeping)
        self.journal = Journal(root, recovering=recovering, remaking=remaking)
        self._committing = threading.Lock()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the use of the store; what was put and not named by a transaction is left to `gc`."""
        self.journal.close()
        self.writers.close()
        self.sweeping.close()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Entries appended to the yielded transaction become visible together when the block ends, and are then
        durable, with every object put so far. An exception in the block, or a refusal of the disk, appends nothing."""
        transaction = Transaction(self)
        with self.objects.syncing():
            yield transaction
        self._commit(transaction)

    def entries(
        self,
        *,
        kind: str = "",
        subject: str = "",
        key: str = "",
        run: str = "",
        after: int = 0,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> Iterator[Entry]:
        """The entries that match everything given, by number; read in pages, so memory stays flat."""
        return self.journal.entries(kind, subject, key, run, after=after, limit=limit, newest_first=newest_first)

    def latest(self, kind: str, *, subject: str = "", key: str = "") -> Entry | None:
        """The last entry that matches everything given, or None; one look into an index."""
        return self.journal.latest(kind, subject, key)

    @property
    def head(self) -> int:
        """The number of the last entry; 0 where there is none."""
        return self.journal.head

    def _commit(self, transaction: Transaction) -> None:
        with self._committing, self.sweeping.shared():
            staged = self.objects.staged()
            for digest in transaction.objects - staged:
                if not self.objects.adopt(digest):
                    raise _unnamed(digest)
            for digest in transaction.trees:
                if digest not in staged and not self.objects.adopt_tree(digest):
                    raise _unnamed(digest)
            self.objects.make_durable()
            if transaction.drafts:
                self.journal.append(transaction.drafts, self.clock)
        for after in transaction.afterwards:
            after()


def open_store(
    root: Path, *, clock: Callable[[], float] = time.time, recovering: bool = False, remaking: bool = False
) -> Store:
    """The store in the folder `root` (`<project>/.tars`), which is made where it is missing.

    Raises `StoreError` where it cannot be used or a newer TARS made it, and `CorruptError` where the journal is damaged
    or has lost entries; with `recovering` a loss of entries is tolerated and what is damaged is left out, for `verify`
    and `repair`, and with `remaking` a journal that is gone is begun anew.
    """
    root = Path(root)
    if not all((root / folder).is_dir() for folder in _FOLDERS):
        _make_folders(root)
    return Store(root, clock, recovering=recovering, remaking=remaking)


def _make_folders(root: Path) -> None:
    with told(f"create the store {root}"):
        for folder in _FOLDERS:
            (root / folder).mkdir(parents=True, exist_ok=True)
        ignore = root / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        sync_path(root)
        sync_path(root.parent)


def _unnamed(digest: str) -> StoreError:
    return StoreError(
        f"an entry names {digest}, which is not in the store or misses files; nothing was recorded",
        hint="it was removed after a `prune`: run the module again instead of restoring it",
    )
