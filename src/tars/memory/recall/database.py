"""The file of the index: SQLite tables of passages, their words and their vectors, all derived and never the truth.

Format 1: `application_id` 0x54415249 ("TARI"), `user_version` 1. What the journal says up to the entry `position`, and
what was read of the indexed folders, is in it; whatever is missing is caught up with when it is opened.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tars.core.errors import CorruptError, StoreError
from tars.store.durable import told

if TYPE_CHECKING:
    import sqlite3

FORMAT: Final = 1
APPLICATION_ID: Final = 0x54415249
BUSY_SECONDS: Final = 60.0
_LOG_BYTES_MAX: Final = 64 << 20
REBUILD: Final = "`tarscli memory index --rebuild` makes it anew from the journal and the folders; nothing is lost"
SCHEMA: Final = f"""
CREATE TABLE facts_of_index (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE files (path TEXT PRIMARY KEY, stamp TEXT NOT NULL, sha256 TEXT NOT NULL, settled INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE passages (
  row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
  time REAL NOT NULL, metadata TEXT NOT NULL, likeness BLOB NOT NULL, vector BLOB NOT NULL,
  UNIQUE (kind, id));
CREATE INDEX passages_path ON passages (path);
CREATE INDEX passages_time ON passages (time);
CREATE INDEX passages_likeness ON passages (likeness);
CREATE TABLE facts (key TEXT, value TEXT, row INTEGER, PRIMARY KEY (key, value, row)) WITHOUT ROWID;
CREATE INDEX facts_row ON facts (row);
CREATE TABLE removed (row INTEGER PRIMARY KEY);
CREATE TABLE answers (entry INTEGER PRIMARY KEY, closure TEXT NOT NULL, question TEXT NOT NULL, body TEXT NOT NULL,
  time REAL NOT NULL, vector BLOB NOT NULL);
CREATE INDEX answers_closure ON answers (closure);
CREATE TABLE uses (closure TEXT PRIMARY KEY, hits INTEGER NOT NULL, misses INTEGER NOT NULL, stale INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (title, body, content='', tokenize="porter unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE terms USING fts5vocab (words, 'row');
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
"""


def connect(path: Path) -> "sqlite3.Connection":
    """The database at `path`, made where it is missing.

    Raises `CorruptError` where it is damaged and `StoreError` where a newer TARS made it or it cannot be written;
    either names the file and the next step.
    """
    import sqlite3  # noqa: PLC0415  (slow to load, and needed only where an index is opened)

    with told(f"make the folder of the recall index {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _check_header(path)
    with refusals(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                _create(connection)
            # A power cut may take the newest transactions, never half of one: they are caught up with from the journal.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES_MAX}")
            connection.execute("PRAGMA cache_size = -65536")
            connection.execute("PRAGMA mmap_size = 1073741824")
        except BaseException:
            connection.close()
            raise
    return connection


def _create(connection: "sqlite3.Connection") -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:  # else another process was faster
        for statement in SCHEMA.strip().split(";\n"):
            if statement.strip(" ;\n"):
                connection.execute(statement)
        facts = {"position": 0, "answers_position": 0, "change": 0, "embedder": "", "epoch": os.urandom(8).hex()}
        connection.executemany("INSERT INTO facts_of_index VALUES (?, ?)", facts.items())
    connection.execute("COMMIT")


def _check_header(path: Path) -> None:
    """Looks at the file before SQLite does, so that the index of a newer TARS is not touched at all."""
    with told(f"read the recall index {path}"), open(path, "rb") as file:
        header = file.read(100)
    if not header:
        return  # Another process is just making it, or was killed before it could.
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        raise CorruptError(f"the recall index {path} is no SQLite database", hint=REBUILD)
    found, application = struct.unpack(">I4xI", header[60:72])
    if application != APPLICATION_ID and (application or found):
        raise CorruptError(f"{path} is not a recall index of TARS", hint="move the file away and ask again")
    if found > FORMAT:
        raise StoreError(
            f"the recall index {path} has format {found}, made by a newer TARS; this one knows up to format {FORMAT}",
            hint=f"upgrade TARS: `pip install --upgrade tars-agents`; or {REBUILD}",
        )


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into errors with a next step."""
    import sqlite3  # noqa: PLC0415  (loaded already wherever this is used)

    try:
        yield
    except sqlite3.Error as error:
        code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise CorruptError(f"the recall index {path} is damaged: {error}", hint=REBUILD) from error
        hints = {
            sqlite3.SQLITE_FULL: "the disk is full: free some space and ask again; what was added is in the journal",
            sqlite3.SQLITE_IOERR: "the disk refuses to write: see whether it is full or a limit is in force",
            sqlite3.SQLITE_BUSY: "another process has been writing to it for a minute: see whether it hangs",
            sqlite3.SQLITE_READONLY: "check who owns `.tars` and whether you may write to it",
            sqlite3.SQLITE_CANTOPEN: "check who owns `.tars` and whether you may write to it",
        }
        raise StoreError(f"cannot use the recall index {path}: {error}", hint=hints.get(code, REBUILD)) from error


@contextmanager
def writing(connection: "sqlite3.Connection", path: Path) -> Iterator[None]:
    """One transaction, that either lands whole or not at all; whoever else writes is waited for."""
    with refusals(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("UPDATE facts_of_index SET value = value + 1 WHERE name = 'change'")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def copied(path: Path) -> Iterator[Path | None]:
    """A copy of the index and of what was derived from it, which is gone afterwards; None where there is no index, or
    no place for a copy."""
    import shutil  # noqa: PLC0415  (slow to load, and needed only where a disk refuses)
    import tempfile  # noqa: PLC0415  (as above)

    with ExitStack() as stack:
        copy = None
        with suppress(OSError):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tars-recall-"))
            copy = Path(shutil.copytree(path.parent, Path(folder, path.parent.name))) / path.name
        yield copy


def remove(path: Path) -> None:
    """Deletes the index and what was derived from it, to be made anew."""
    with told(f"remove the recall index {path}"):
        for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            name.unlink(missing_ok=True)
        for snapshot in path.parent.glob("vectors-*"):
            snapshot.unlink(missing_ok=True)
