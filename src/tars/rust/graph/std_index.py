"""What the standard library holds, in one read-only SQLite file for each toolchain, made from its documentation.

The file stands in the user's cache as `rust-std-1/<key>.db`; making it takes a few seconds, once. It is written under a
name of its own and renamed, so two processes may do so at the same time. Where the toolchain's documentation is not
installed, a short table of what is used most stands in.
"""

import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import cache, cached_property, lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from blake3 import blake3

from tars.core.errors import UnavailableError
from tars.rust.checking.rustc import rustc
from tars.rust.graph.std_pages import ImplRow, Item, MethodRow, Pages, read_pages
from tars.rust.graph.std_small import small_pages
from tars.store.shared import default_root

FORMAT = 5
_serial = count()
_RARE = frozenset({"ptr", "array", "net", "ffi", "alloc", "panic", "any", "os"})
_TABLES = """
CREATE TABLE item(path TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, declaration TEXT NOT NULL,
                  home TEXT NOT NULL);
CREATE TABLE method(owner TEXT NOT NULL, name TEXT NOT NULL, signature TEXT NOT NULL, of TEXT NOT NULL,
                    required INTEGER NOT NULL);
CREATE TABLE impl(owner TEXT NOT NULL, trait TEXT NOT NULL, of TEXT NOT NULL, header TEXT NOT NULL,
                  negative INTEGER NOT NULL);
CREATE TABLE variant(owner TEXT NOT NULL, declaration TEXT NOT NULL);
"""
_INDEXES = """
CREATE INDEX item_name ON item(name);
CREATE INDEX item_path ON item(path);
CREATE INDEX method_owner ON method(owner, name);
CREATE INDEX method_name ON method(name);
CREATE INDEX impl_owner ON impl(owner, trait);
CREATE INDEX impl_trait ON impl(trait);
CREATE INDEX variant_owner ON variant(owner);
"""


class StdIndex:
    """Questions to the index; many threads may ask. Paths begin with `std::`, those of primitive types are names."""

    def __init__(self, connection: sqlite3.Connection, complete: bool) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.complete = complete
        """Whether it was made from the documentation; else it knows only the most used."""
        self.items = lru_cache(4096)(self._items)
        self.item = lru_cache(4096)(self._item)
        self.within = lru_cache(1024)(self._within)
        self.methods = lru_cache(1024)(self._methods)
        self.owners_of = lru_cache(1024)(self._owners_of)
        self.impls = lru_cache(1024)(self._impls)
        self.variants = lru_cache(1024)(self._variants)
        self.variant_owners = lru_cache(1024)(self._variant_owners)

    @cached_property
    def count(self) -> int:
        """How many items it knows."""
        return int(self._ask("SELECT count(*) FROM item")[0][0])

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all items."""
        return frozenset(row[0] for row in self._ask("SELECT DISTINCT name FROM item"))

    def _items(self, name: str) -> Sequence[Item]:
        """The items of that name, those with the shortest paths first; what is rarely meant last."""
        rows = self._ask("SELECT path, name, kind, declaration, home FROM item WHERE name = ?", name)
        return sorted((Item(*row) for row in rows), key=_rank)

    def _item(self, path: str) -> Item | None:
        rows = self._ask("SELECT path, name, kind, declaration, home FROM item WHERE path = ?", path)
        return Item(*rows[0]) if rows else None

    def _within(self, path: str) -> Sequence[Item]:
        """The items directly in a module, sorted by path."""
        low, high = f"{path}::", f"{path}:;"
        rows = self._ask(
            "SELECT path, name, kind, declaration, home FROM item WHERE path > ? AND path < ? ORDER BY path", low, high
        )
        return [Item(*row) for row in rows if "::" not in row[0][len(low) :]]

    def _methods(self, owner: str) -> Sequence[MethodRow]:
        """The functions of a type (also those that it dereferences to) or of a trait, as they are documented."""
        rows = self._ask(
            "SELECT owner, name, signature, of, required FROM method WHERE owner = ? ORDER BY rowid", owner
        )
        return [MethodRow(*row) for row in rows]

    def _owners_of(self, method: str) -> Sequence[MethodRow]:
        """Every function of that name."""
        rows = self._ask("SELECT owner, name, signature, of, required FROM method WHERE name = ?", method)
        return [MethodRow(*row) for row in rows]

    def _impls(self, owner: str) -> Sequence[ImplRow]:
        """The traits that are implemented for a type, blanket implementations too."""
        rows = self._ask("SELECT owner, trait, of, header, negative FROM impl WHERE owner = ? ORDER BY rowid", owner)
        return [ImplRow(*row) for row in rows]

    def _variants(self, owner: str) -> Sequence[str]:
        """The variants of an enum as they are declared."""
        return [row[0] for row in self._ask("SELECT declaration FROM variant WHERE owner = ? ORDER BY rowid", owner)]

    def _variant_owners(self, name: str) -> Sequence[str]:
        """The enums that have a variant of that name, those with the shortest paths first."""
        patterns = (name, f"{name}(%", f"{name} %")
        rows = self._ask(
            "SELECT owner FROM variant WHERE declaration = ? OR declaration LIKE ? OR declaration LIKE ?", *patterns
        )
        return sorted({row[0] for row in rows}, key=lambda path: (path.count("::"), path))

    def _ask(self, question: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(question, values).fetchall()


def _rank(item: Item) -> tuple[int, bool, int, str]:
    """Shortest paths first. Of equal ones later: raw memory, networks, and functions that stand in for files."""
    module = item.path.split("::")[1] if "::" in item.path else ""
    rare = module in _RARE or (module == "io" and item.kind == "fn")
    return item.path.count("::"), rare, len(item.path), item.path


@cache
def std_index() -> StdIndex:
    """The index of this machine's toolchain, made where it is missing; one for the process."""
    return open_index(documentation(), default_root(os.environ))


def documentation() -> Path | None:
    """Where the toolchain keeps the pages of `std`; None where they are not installed, or there is no toolchain."""
    try:
        sysroot = Path(rustc()).resolve().parent.parent
    except UnavailableError:
        return None
    pages = sysroot / "share/doc/rust/html/std"
    return pages if (pages / "index.html").is_file() else None


def open_index(pages: Path | None, cache_root: Path) -> StdIndex:
    """The index of those pages, from the cache where it is there and whole; else made, and kept where that can be
    done. Without pages: the short table."""
    if pages is None:
        return StdIndex(_filled(":memory:", small_pages()), complete=False)
    target = cache_root / "rust-std-1" / f"{_key(pages)}.db"
    kept = _opened(target)
    if kept is None:
        read = read_pages(pages)
        try:
            _write(target, read)
        except (OSError, sqlite3.Error):
            return StdIndex(_filled(":memory:", read), complete=True)
        kept = _opened(target) or _filled(":memory:", read)
    return StdIndex(kept, complete=True)


def _key(pages: Path) -> str:
    """Which toolchain, by the bytes of a page that names every item, and the folder."""
    index = pages / "all.html"
    listing = index.read_bytes() if index.is_file() else (pages / "index.html").read_bytes()
    return blake3(f"{FORMAT}\0{pages}\0".encode() + listing).hexdigest()[:32]


def _write(target: Path, read: Pages) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = f"{target}.{os.getpid()}.{next(_serial)}.part"
    try:
        with closing(_filled(scratch, read)):
            pass
        os.replace(scratch, target)
    finally:
        Path(scratch).unlink(missing_ok=True)


def _filled(where: str, read: Pages) -> sqlite3.Connection:
    connection = sqlite3.connect(where, check_same_thread=False, isolation_level=None)
    connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}")
    connection.execute("BEGIN")
    _insert(connection, "item", 5, read.items)
    _insert(connection, "method", 5, read.methods)
    _insert(connection, "impl", 5, read.impls)
    _insert(connection, "variant", 2, read.variants)
    connection.execute("COMMIT")
    connection.executescript(f"{_INDEXES} PRAGMA user_version = {FORMAT};")
    return connection


def _insert(connection: sqlite3.Connection, table: str, width: int, rows: Iterable[tuple[object, ...]]) -> None:
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)


def _opened(target: Path) -> sqlite3.Connection | None:
    """The file for reading; None where it is missing or no whole index (it is then made again)."""
    if not target.is_file():
        return None
    connection = sqlite3.connect(f"{target.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (held,) = connection.execute("SELECT count(*) FROM item").fetchone()
    except sqlite3.DatabaseError:
        version, held = 0, 0
    if version != FORMAT or not held:
        connection.close()
        return None
    return connection
