"""Opening the journal's file: made whole, looked at before SQLite does, and SQLite's refusals told with a next step."""

import atexit
import os
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tars.core.errors import CorruptError, StoreError
from tars.store.durable import is_full, refusal, sync_path, told

if TYPE_CHECKING:
    import sqlite3

FORMAT = 1
APPLICATION_ID = 0x54415253
BUSY_SECONDS = 60.0
_LOG_BYTES_MAX = 16 << 20
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


def create(path: Path, scratch_folder: Path) -> None:
    """Makes an empty journal whole under another name, then names it: nobody ever sees one half made."""
    import sqlite3  # noqa: PLC0415  (slow to load, and needed only where a journal is opened)

    scratch = scratch_folder / f"journal-{os.getpid()}-{os.urandom(6).hex()}.db"
    with refusals(path), told(f"create the journal {path}"):
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


def check_header(path: Path) -> None:
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


def connect(path: Path) -> "sqlite3.Connection":
    import sqlite3  # noqa: PLC0415  (slow to load, and needed only where a journal is opened)

    with refusals(path):
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


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into errors with a next step."""
    import sqlite3  # noqa: PLC0415  (loaded already wherever this is used)

    try:
        yield
    except UnicodeDecodeError as error:
        raise _damaged(path, error) from error
    except sqlite3.Error as error:
        raise _refused(path, error) from error


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


def _newer(path: Path, found: int) -> StoreError:
    return StoreError(
        f"the journal {path} has format {found}, made by a newer TARS; this one reads up to format {FORMAT}",
        hint="upgrade TARS: `pip install --upgrade tars-agents`. Nothing was changed",
    )


def _refused(path: Path, error: "sqlite3.Error") -> StoreError:
    import sqlite3  # noqa: PLC0415  (loaded already wherever this is used)

    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    # What is asked of it is always well formed: a plain error says that the schema is not what was made.
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR) or _is_no_text(error):
        return _damaged(path, error)
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


def _damaged(path: Path, error: Exception) -> CorruptError:
    return CorruptError(
        f"the journal {path} is damaged: {error}",
        hint="restore it from a backup; `tarscli store verify` says what can be read",
    )


def _is_no_text(error: Exception) -> bool:
    """Whether Python refused a text that SQLite holds, since it is not UTF-8."""
    return str(error).startswith("Could not decode to UTF-8")
