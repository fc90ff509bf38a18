"""The project graph on disk: what each content declares, and which contents a workspace had, in one SQLite file.

`<cache>/rust-graph-2.db` is derived and may be deleted at any time; where it is damaged it is made anew. A state is
keyed by commit, edition and toolchain; contents are shared by all states.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tars.core.errors import StoreError
from tars.rust.graph.items import Declared, FileItems, FileModule, Implementation, Member, Summary
from tars.rust.graph.uses import Use

NAME = "rust-graph-2.db"
STATES_MAX = 8
_TABLES = """
CREATE TABLE IF NOT EXISTS content(digest TEXT PRIMARY KEY, summary TEXT NOT NULL, items TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS state(key TEXT PRIMARY KEY, number INTEGER NOT NULL, files TEXT NOT NULL) WITHOUT ROWID;
"""


class StateKey(NamedTuple):
    """What an index was made for. `commit` is empty where the workspace is no git repository."""

    commit: str
    edition: str
    toolchain: str


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database in the folder, which is made where it is missing. Raises `StoreError` where that cannot be."""
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = _connected(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"cannot keep the project graph in {path}: {error}", hint="make the folder writable"
        ) from error
    try:
        with connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"cannot use the project graph in {path}: {error}", hint=f"delete {path}") from error
    finally:
        connection.close()


def latest_files(connection: sqlite3.Connection, key: StateKey) -> dict[str, str]:
    """Path → digest of the files that the state of that key has; empty where it was never indexed."""
    row = connection.execute("SELECT files FROM state WHERE key = ?", (json.dumps(key),)).fetchone()
    return dict(json.loads(row[0])) if row else {}


def contents(connection: sqlite3.Connection, digests: frozenset[str]) -> dict[str, FileItems]:
    """What is known of these contents."""
    found = {}
    for digest, text in connection.execute("SELECT digest, items FROM content"):
        if digest in digests:
            found[digest] = _unpacked(text)
    return found


def summaries(connection: sqlite3.Connection) -> dict[str, Summary]:
    """Digest → how much it declares, of all contents that were read."""
    found = {}
    for digest, text in connection.execute("SELECT digest, summary FROM content"):
        kinds, imports, implementations, modules = json.loads(text)
        found[digest] = Summary(kinds, imports, implementations, [FileModule(*row) for row in modules])
    return found


def known_contents(connection: sqlite3.Connection) -> frozenset[str]:
    """The digests of all contents that were read."""
    return frozenset(row[0] for row in connection.execute("SELECT digest FROM content"))


def keep(connection: sqlite3.Connection, key: StateKey, files: Mapping[str, str], new: Mapping[str, FileItems]) -> None:
    """Writes a state and the contents that are new in it; the oldest states beyond the limit go, with what only they
    had."""
    connection.executemany(
        "INSERT OR IGNORE INTO content VALUES (?, ?, ?)",
        ((digest, json.dumps(items.summary()), _packed(items)) for digest, items in new.items()),
    )
    (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM state").fetchone()
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?, ?)", (json.dumps(key), last + 1, json.dumps(files)))
    connection.execute(
        "DELETE FROM state WHERE key NOT IN (SELECT key FROM state ORDER BY number DESC LIMIT ?)", (STATES_MAX,)
    )
    held = {digest for (text,) in connection.execute("SELECT files FROM state") for digest in json.loads(text).values()}
    gone = known_contents(connection) - held
    connection.executemany("DELETE FROM content WHERE digest = ?", ((digest,) for digest in sorted(gone)))


def _connected(path: Path) -> sqlite3.Connection:
    try:
        return _prepared(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:  # It is damaged, and everything in it can be made again.
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).unlink()
        return _prepared(path)


def _prepared(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60.0)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(_TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _packed(items: FileItems) -> str:
    return json.dumps([items.items, items.uses, items.impls, items.modules, items.bare], separators=(",", ":"))


def _unpacked(text: str) -> FileItems:
    items, uses, impls, modules, bare = json.loads(text)
    return FileItems(
        [_declared(row) for row in items],
        [Use(*row) for row in uses],
        [Implementation(*row) for row in impls],
        [FileModule(*row) for row in modules],
        bare,
    )


def _declared(row: list[object]) -> Declared:
    *plain, members, derives = row
    assert isinstance(members, list)
    assert isinstance(derives, list)
    return Declared._make((*plain, tuple(Member(*one) for one in members), tuple(derives)))
