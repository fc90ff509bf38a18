"""The append-only journal: one SQLite table of entries, each carrying the digest of all before it.

Format, version 1: `application_id` 0x54415253 ("TARS"), `user_version` 1. An entry's digest is the blake3 of its
predecessor's 32 bytes (zeros for the first) followed by the canonical JSON of `body, key, kind, number, run, subject,
time`: keys sorted, no blanks, UTF-8. The file `journal.head` holds number and digest of an entry that was committed;
it may lag behind the journal, and where the journal lags behind it, acknowledged entries were lost.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from tars.core.errors import CorruptError
from tars.core.values import Digest
from tars.store.chain import FIRST, Draft, chained, fault_of_row
from tars.store.durable import told
from tars.store.opening import check_header, connect, create, refusals
from tars.store.values import Entry

NUMBER_MAX = (1 << 63) - 1
_PAGE_ROWS = 256
_COLUMNS = "number, time, kind, subject, key, run, body, digest"
_PREDECESSOR = "(SELECT before.digest FROM entries AS before WHERE before.number = entries.number - 1)"
_SELECT = f"SELECT {_COLUMNS}, {_PREDECESSOR} FROM entries"

Drafting = Callable[["Journal"], Sequence[Draft]]
"""Called inside the write transaction, where what it reads of the journal cannot change any more."""


class Journal:
    """The journal of the store at `root`. Reading sees committed entries only, this process's and all others'.

    Reading never trusts an entry: one that is not what was committed raises `CorruptError`, and is left out where one
    is `recovering`. A journal that is gone is begun anew only where one is `remaking` it.
    """

    def __init__(self, root: Path, *, recovering: bool = False, remaking: bool = False) -> None:
        self._path = root / "journal.db"
        self._head_path = root / "journal.head"
        self._recovering = recovering
        if not self._path.exists():
            if self._head_path.exists() and not remaking:
                raise CorruptError(
                    f"the journal {self._path} is missing, though the project has a history",
                    hint="restore `.tars/journal.db` (and `journal.db-wal`) from a backup; "
                    "`tarscli store repair` goes on without it",
                )
            create(self._path, root / "tmp")
        check_header(self._path)
        self._connection = connect(self._path)
        if not recovering:
            self._check_head()

    @property
    def head(self) -> int:
        """The number of the last entry; 0 where there is none."""
        return self._last()[0]

    def append(self, drafting: Sequence[Draft | Drafting], now: Callable[[], float]) -> tuple[int, ...]:
        """Appends all in one transaction that is durable when this returns. Returns the entries' numbers.

        Raises `StoreError` with nothing appended where another process holds the journal too long or the disk refuses.
        """
        connection = self._connection
        witness = -1
        with refusals(self._path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                number, previous = self._last()
                drafts = [draft for item in drafting for draft in ((item,) if isinstance(item, Draft) else item(self))]
                rows = []
                for draft in drafts:
                    number += 1
                    time = float(now())
                    previous = chained(previous, number, time, draft)
                    rows.append((number, time, draft.kind, draft.subject, draft.key, draft.run, draft.body, previous))
                connection.executemany(f"INSERT INTO entries ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)", rows)
                if rows:
                    witness = self._open_witness()  # What refuses it refuses the transaction, while that can be.
                connection.execute("COMMIT")
                if rows:
                    with suppress(OSError):  # It lags behind then, as it may: the entries are committed.
                        _write_witness(witness, number, previous)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._shrink()
                raise
            finally:
                if witness >= 0:
                    os.close(witness)
        return tuple(row[0] for row in rows)

    def latest(self, kind: str, subject: str, key: str, before: int | None = None) -> Entry | None:
        """The last entry of that kind, subject and key (empty: any), up to the number `before` (inclusive)."""
        where, texts = _where(kind, subject, key, "")
        values: tuple[str | int, ...] = texts
        if before is not None:
            where, values = f"{where} AND number <= ?", (*values, before)
        query = f"{_SELECT} WHERE {where} ORDER BY number DESC LIMIT 1"
        with refusals(self._path):
            row = self._connection.execute(query, values).fetchone()
        return None if row is None or not self._is_proven(row) else _entry(row)

    def entries(
        self, kind: str, subject: str, key: str, run: str, *, after: int, limit: int | None, newest_first: bool
    ) -> Iterator[Entry]:
        """Entries with a number above `after`, read in pages: memory stays flat, and no lock is held between them."""
        for row in self.rows(kind, subject, key, run, after=after, limit=limit, newest_first=newest_first):
            yield _entry(row)

    def rows(
        self,
        kind: str = "",
        subject: str = "",
        key: str = "",
        run: str = "",
        *,
        after: int = 0,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> Iterator[tuple[Any, ...]]:
        """As `entries`, but as SQLite holds them: the body as its text, the digest as bytes, then the predecessor's."""
        rows = self._rows(kind, subject, key, run, after=after, limit=limit, newest_first=newest_first)
        return (row for row in rows if self._is_proven(row))

    def _rows(
        self, kind: str, subject: str, key: str, run: str, *, after: int, limit: int | None, newest_first: bool
    ) -> Iterator[tuple[Any, ...]]:
        """Rows that nobody has proven yet."""
        where, values = _where(kind, subject, key, run)
        until = None
        while limit is None or limit > 0:
            bound = f"{where} AND number > ?" + ("" if until is None else " AND number < ?")
            order = "DESC" if newest_first else "ASC"
            query = f"{_SELECT} WHERE {bound} ORDER BY number {order} LIMIT ?"
            page = _PAGE_ROWS if limit is None else min(limit, _PAGE_ROWS)
            bounds = (after,) if until is None else (after, until)
            with refusals(self._path):
                rows = self._connection.execute(query, (*values, *bounds, page)).fetchall()
            yield from rows
            if len(rows) < page:
                return
            if newest_first:
                until = rows[-1][0]
            else:
                after = rows[-1][0]
            limit = None if limit is None else limit - len(rows)

    def faults(self) -> Iterator[str]:
        """What SQLite itself finds wrong with the file, and whether entries at the end are gone."""
        with refusals(self._path):
            for (finding,) in self._connection.execute("PRAGMA integrity_check(20)"):
                if finding != "ok":
                    yield f"SQLite finds: {finding}"
            row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
        if row is not None and row[0] > self.head:
            yield f"entries {self.head + 1} to {row[0]} were appended and are gone"
        lost = self._lost()
        if lost:
            yield lost

    def chain_faults(self) -> Iterator[str]:
        """What is wrong with numbers and digests along the chain."""
        expected, previous = 1, FIRST
        for row in self._rows("", "", "", "", after=0, limit=None, newest_first=False):
            number = int(row[0])
            if number != expected:
                gap = f"entry {expected} is" if number == expected + 1 else f"entries {expected} to {number - 1} are"
                yield f"{gap} missing from the journal"
            fault = fault_of_row(row[:8], previous)
            if fault:
                yield f"entry {number} of the journal ({row[2]} {row[3]}) {fault}"
            expected, previous = number + 1, row[7]

    def check(self) -> None:
        """Raises `CorruptError` where anything is wrong with any entry: for what takes away what no entry names."""
        for fault in chain(self.faults(), self.chain_faults()):
            raise CorruptError(
                f"the journal {self._path} is damaged, so that what is needed is not known: {fault}",
                hint="restore it from a backup; `tarscli store verify` lists all that is wrong. Nothing was removed",
            )

    def close(self) -> None:
        self._connection.close()

    def accept_loss(self) -> None:
        """Lets the journal as it is stand as the whole of it. What was lost must have been told before."""
        number, digest = self._last()
        with refusals(self._path):
            self._connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'entries'", (number,))
        if not number:
            with told(f"remove {self._head_path}"):
                self._head_path.unlink(missing_ok=True)
            return
        witness = self._open_witness()
        try:
            with told(f"write {self._head_path}"):
                _write_witness(witness, number, digest)
        finally:
            os.close(witness)

    def _is_proven(self, row: tuple[Any, ...]) -> bool:
        """Whether the row is what was committed. Raises `CorruptError` where it is not, unless one is recovering."""
        fault = fault_of_row(row[:8], row[8] if row[0] != 1 else FIRST)
        if fault and not self._recovering:
            raise CorruptError(
                f"entry {row[0]} of the journal {self._path} is damaged: it {fault}",
                hint="restore the journal from a backup; `tarscli store verify` lists all that is wrong",
            )
        return not fault

    def _shrink(self) -> None:
        """Gives back the space of what was refused: on a full disk it is what is needed most."""
        import sqlite3  # noqa: PLC0415  (loaded already wherever this is used)

        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            pass  # Another process reads, or the disk refuses this too; the next checkpoint does it.

    def _last(self) -> tuple[int, bytes]:
        with refusals(self._path):
            row = self._connection.execute("SELECT number, digest FROM entries ORDER BY number DESC LIMIT 1").fetchone()
        return row if row is not None else (0, FIRST)

    def _check_head(self) -> None:
        lost = self._lost()
        if lost:
            raise CorruptError(
                f"the journal {self._path} has lost entries: {lost}",
                hint="restore `journal.db` and `journal.db-wal` from a backup; "
                "`tarscli store repair` lists what is lost and goes on without it",
            )

    def _lost(self) -> str:
        try:
            text = self._head_path.read_text("ascii").split()
            number, digest = int(text[0]), bytes.fromhex(text[1])
        except (OSError, ValueError, IndexError):
            return ""  # It lags behind by design and is not synced; after a power cut it may be torn.
        if not 0 < number <= NUMBER_MAX:
            return ""  # No entry has such a number: nothing was committed, or the file is damaged.
        with refusals(self._path):
            row = self._connection.execute("SELECT digest FROM entries WHERE number = ?", (number,)).fetchone()
        if row is None:
            return f"entry {number} was committed, but the journal ends at {self.head}"
        return "" if row[0] == digest else f"entry {number} is not the one that was committed"

    def _open_witness(self) -> int:
        with told(f"write {self._head_path}"):
            return os.open(self._head_path, os.O_WRONLY | os.O_CREAT, 0o644)


def _write_witness(descriptor: int, number: int, digest: bytes) -> None:
    os.write(descriptor, f"{number:020d} {digest.hex()}\n".encode())


def _where(kind: str, subject: str, key: str, run: str) -> tuple[str, tuple[str, ...]]:
    asked = (("kind", kind), ("subject", subject), ("key", key), ("run", run))
    given = [(name, value) for name, value in asked if value]
    return " AND ".join(f"{name} = ?" for name, _ in given) or "1", tuple(value for _, value in given)


def _entry(row: tuple[Any, ...]) -> Entry:
    try:
        body = json.loads(row[6])
    except (ValueError, TypeError) as error:
        raise CorruptError(
            f"entry {row[0]} of the journal is damaged: its body is not JSON", hint="run `tarscli store verify`"
        ) from error
    return Entry(row[0], row[1], row[2], row[3], row[4], row[5], body, Digest(bytes(row[7]).hex()))
