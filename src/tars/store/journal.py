"""The append-only journal: one SQLite table of entries, each carrying the digest of all before it.

Format, version 1: `application_id` 0x54415253 ("TARS"), `user_version` 1. An entry's digest is the blake3 of its
predecessor's 32 bytes (zeros for the first) followed by the canonical JSON of `body, key, kind, number, run, subject,
time`: keys sorted, no blanks, UTF-8. The file `journal.head` holds number and digest of an entry that was committed;
it may lag behind the journal, and where the journal lags behind it, acknowledged entries were lost.
"""

import atexit
import json
import os
import shutil
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from blake3 import blake3

from tars.core.errors import CorruptError, StoreError
from tars.core.values import Digest, Json
from tars.store.durable import is_full, refusal, sync_path, told
from tars.store.values import Entry

if TYPE_CHECKING:
    import sqlite3

FORMAT = 1
APPLICATION_ID = 0x54415253
BUSY_SECONDS = 60.0
FIRST = bytes(32)
_PAGE_ROWS = 256
_LOG_BYTES_MAX = 16 << 20
_COLUMNS = "number, time, kind, subject, key, run, body, digest"
_SCHEMA = f"""
CREATE TABLE entries (
  number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  key TEXT NOT NULL, run TEXT NOT NULL, body TEXT NOT NULL, digest BLOB NOT NULL);
CREATE INDEX entries_subject ON entries (kind, subject);
CREATE INDEX entries_key ON entries (kind, key);
CREATE INDEX entries_kind ON entries (kind);
CREATE INDEX entries_run ON entries (run);
CREATE TRIGGER entries_keep BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
"""


class Draft(NamedTuple):
    """An entry that is to be appended. `body` may be made from the number that `counting` names (see `append`)."""

    kind: str
    subject: str
    key: str
    run: str
    body: str


Drafting = Callable[["Journal"], Sequence[Draft]]
"""Called inside the write transaction, where what it reads of the journal cannot change any more."""


class Journal:
    """The journal of the store at `root`. Reading sees committed entries only, this process's and all others'."""

    def __init__(self, root: Path, *, recovering: bool = False) -> None:
        self._path = root / "journal.db"
        self._head_path = root / "journal.head"
        if not self._path.exists():
            if self._head_path.exists() and not recovering:
                raise CorruptError(
                    f"the journal {self._path} is missing, though the project has a history",
                    hint="restore `.tars/journal.db` (and `journal.db-wal`) from a backup",
                )
            _create(self._path, root / "tmp")
        _check_header(self._path)
        self._connection = _connect(self._path)
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
        with _refusals(self._path):
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
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._shrink()
                raise
        if rows:
            self._witness(number, previous)
        return tuple(row[0] for row in rows)

    def latest(self, kind: str, subject: str, key: str, before: int | None = None) -> Entry | None:
        """The last entry of that kind, subject and key (empty: any), up to the number `before` (inclusive)."""
        where, texts = _where(kind, subject, key, "")
        values: tuple[str | int, ...] = texts
        if before is not None:
            where, values = f"{where} AND number <= ?", (*values, before)
        query = f"SELECT {_COLUMNS} FROM entries WHERE {where} ORDER BY number DESC LIMIT 1"
        with _refusals(self._path):
            row = self._connection.execute(query, values).fetchone()
        return None if row is None else _entry(row)

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
        """As `entries`, but as SQLite holds them: the body as its text, the digest as bytes."""
        where, values = _where(kind, subject, key, run)
        until = None
        while limit is None or limit > 0:
            bound = f"{where} AND number > ?" + ("" if until is None else " AND number < ?")
            order = "DESC" if newest_first else "ASC"
            query = f"SELECT {_COLUMNS} FROM entries WHERE {bound} ORDER BY number {order} LIMIT ?"
            page = _PAGE_ROWS if limit is None else min(limit, _PAGE_ROWS)
            bounds = (after,) if until is None else (after, until)
            with _refusals(self._path):
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
        with _refusals(self._path):
            for (finding,) in self._connection.execute("PRAGMA integrity_check(20)"):
                if finding != "ok":
                    yield f"SQLite finds: {finding}"
            row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
        if row is not None and row[0] > self.head:
            yield f"entries {self.head + 1} to {row[0]} were appended and are gone"
        lost = self._lost()
        if lost:
            yield lost

    def close(self) -> None:
        self._connection.close()

    def accept_loss(self) -> None:
        """Lets the journal as it is stand as the whole of it. What was lost must have been told before."""
        number, digest = self._last()
        self._witness(number, digest)

    def _shrink(self) -> None:
        """Gives back the space of what was refused: on a full disk it is what is needed most."""
        import sqlite3  # noqa: PLC0415  (loaded already wherever this is used)

        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            pass  # Another process reads, or the disk refuses this too; the next checkpoint does it.

    def _last(self) -> tuple[int, bytes]:
        with _refusals(self._path):
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
        with _refusals(self._path):
            row = self._connection.execute("SELECT digest FROM entries WHERE number = ?", (number,)).fetchone()
        if row is None:
            return f"entry {number} was committed, but the journal ends at {self.head}"
        return "" if row[0] == digest else f"entry {number} is not the one that was committed"

    def _witness(self, number: int, digest: bytes) -> None:
        with told(f"write {self._head_path}"):
            descriptor = os.open(self._head_path, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                os.write(descriptor, f"{number:020d} {digest.hex()}\n".encode())
            finally:
                os.close(descriptor)


def chained(previous: bytes, number: int, time: float, draft: Draft) -> bytes:
    """The digest of an entry, over its predecessor's and its own canonical JSON."""
    text = (
        f'{{"body":{draft.body},"key":{canonical(draft.key)},"kind":{canonical(draft.kind)},"number":{number},'
        f'"run":{canonical(draft.run)},"subject":{canonical(draft.subject)},"time":{time!r}}}'
    )
    return blake3(previous + text.encode("utf-8", "surrogatepass")).digest()


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Mapping[str, Json] | str) -> str:
    """Canonical JSON: equal values have equal text. Raises `ValueError` for NaN and infinities."""
    return _encoder.encode(value)


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


def _connect(path: Path) -> "sqlite3.Connection":
    import sqlite3  # noqa: PLC0415  (slow to load, and needed only where a journal is opened)

    with _refusals(path):
        writable = os.access(path.parent, os.W_OK)
        try:
            connection, found = _opened(*((str(path), False) if writable else (_read_only(path), True)))
        except sqlite3.OperationalError:
            if not is_full(path):
                raise
            connection, found = _opened(_read_only(path), True)
    if found != FORMAT:
        connection.close()
        raise _newer(path, found)
    return connection


def _opened(where: str, uri: bool) -> tuple["sqlite3.Connection", int]:
    """A connection, and the format of what it found there."""
    import sqlite3  # noqa: PLC0415  (slow to load, and needed only where a journal is opened)

    connection = sqlite3.connect(where, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=uri)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES_MAX}")
        connection.execute("PRAGMA fullfsync = 1")
        connection.execute("PRAGMA checkpoint_fullfsync = 1")
        return connection, connection.execute("PRAGMA user_version").fetchone()[0]
    except BaseException:
        connection.close()
        raise


def _read_only(path: Path) -> str:
    """How SQLite opens a journal in a folder where it can make no files: as one that nobody changes. Entries that are
    still in its log can be read only where SQLite may write, so then it is a copy, which goes with the process."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        from tempfile import mkdtemp  # noqa: PLC0415  (loads much, for nearly nobody)

        folder = Path(mkdtemp(prefix="tars-journal-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        for file in (path, log):
            shutil.copy(file, folder / file.name)
        return (folder / path.name).as_uri()
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


def _create(path: Path, scratch_folder: Path) -> None:
    """Makes an empty journal whole under another name, then names it: nobody ever sees one half made."""
    import sqlite3  # noqa: PLC0415  (slow to load, and needed only where a journal is opened)

    scratch = scratch_folder / f"journal-{os.getpid()}-{os.urandom(6).hex()}.db"
    with _refusals(path), told(f"create the journal {path}"):
        try:
            connection = sqlite3.connect(scratch, isolation_level=None)
            try:
                connection.execute("PRAGMA synchronous = OFF")  # It has no name yet, and is synced before it gets one.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
            finally:
                connection.close()
            sync_path(scratch)
            try:
                os.link(scratch, path)
            except FileExistsError:
                pass  # Another process made it at the same moment.
            except PermissionError:
                os.rename(scratch, path)
            sync_path(path.parent)
        finally:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{scratch}{suffix}").unlink(missing_ok=True)


def _check_header(path: Path) -> None:
    """Looks at the file before SQLite does, so that a journal of a newer TARS is not touched at all."""
    with told(f"read the journal {path}"), open(path, "rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        what = "is empty" if not header else "is not a SQLite database"
        raise CorruptError(
            f"the journal {path} {what}",
            hint="restore it from a backup; the objects in `.tars/objects` are still there",
        )
    found, application = struct.unpack(">I4xI", header[60:72])
    if application != APPLICATION_ID:
        raise CorruptError(f"{path} is not a journal of TARS", hint="move the file away, or restore the right one")
    if found > FORMAT:
        raise _newer(path, found)


def _newer(path: Path, found: int) -> StoreError:
    return StoreError(
        f"the journal {path} has format {found}, made by a newer TARS; this one reads up to format {FORMAT}",
        hint="upgrade TARS: `pip install --upgrade tars-agents`. Nothing was changed",
    )


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into errors with a next step."""
    import sqlite3  # noqa: PLC0415  (loaded already wherever this is used)

    try:
        yield
    except sqlite3.Error as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: "sqlite3.Error") -> StoreError:
    import sqlite3  # noqa: PLC0415  (loaded already wherever this is used)

    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return CorruptError(
            f"the journal {path} is damaged: {error}",
            hint="restore it from a backup; `tarscli store verify` says what can be read",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(
            f"the journal {path} has been locked by another process for {BUSY_SECONDS:.0f} seconds",
            hint="see whether another `tarscli` hangs, end it, and run again",
        )
    if code == sqlite3.SQLITE_FULL or is_full(path):
        return refusal(f"write the journal {path}", OSError(28, "no space left on the device"))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreError(
            f"cannot open the journal {path} for writing: {error}",
            hint="check that `.tars` is not read-only and who owns it",
        )
    return StoreError(f"the journal {path} cannot be used: {error}", hint="check the disk and its free space")
