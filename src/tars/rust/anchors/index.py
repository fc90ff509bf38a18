"""The search index over the toolchain's documentation: one SQLite file a part, made once for each toolchain.

Each section is kept with its place, its bytes and their sha256, and its words in FTS5; the text itself stays where it
is. A file is made under a temporary name and renamed when it is whole, so that two processes may make it at once: both
make the same. The files are derived and may be deleted at any time.
"""

import os
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import StoreError, UnavailableError
from tars.rust.anchors.library import Library, open_library
from tars.rust.anchors.pages import sections_of
from tars.rust.anchors.sources import DOCUMENTS, MISSING_HINT
from tars.rust.anchors.text import words_of
from tars.rust.anchors.values import Hit
from tars.rust.values import Anchor, Sha256
from tars.store.durable import told
from tars.store.shared import default_root

FORMAT: Final = 1
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "errors": ("error_codes",),
    "reference": ("reference",),
    "guides": ("book", "nomicon", "rust-by-example", "edition-guide", "rustc"),
    "std": ("std", "proc_macro", "test"),
}
"""What is made at once, the smallest first: the folders of the documentation that belong to each part."""
PER_PAGE_MAX: Final = 2
"""How many sections of one page a search names."""
_SKIPPED_FILES: Final = frozenset({"print.html", "toc.html", "all.html", "SUMMARY.html", "README.html"})
_SKIPPED_FOLDERS: Final = re.compile(r"(?:\d{4}|first|second)-edition|arch|simd|bstr")
"""Old editions, and modules that are experimental or particular to one machine."""
_ENGLISH: Final = re.compile(rb'<html lang="en')
_HEAD_BYTES: Final = 200
_SCHEMA: Final = """
CREATE TABLE page (id INTEGER PRIMARY KEY, path TEXT NOT NULL);
CREATE TABLE section (id INTEGER PRIMARY KEY, page INTEGER NOT NULL, fragment TEXT NOT NULL, title TEXT NOT NULL,
                      start INTEGER NOT NULL, end INTEGER NOT NULL, digest BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(title, body, content='', tokenize="porter unicode61 tokenchars '_'");
"""
_WORD: Final = re.compile(r"\w+")
_STOPPED: Final = frozenset(
    _WORD.findall(
        "a an and are as at be but by can does for from has have how i if in into is it its more not of on or so some"
        " than that the their then there this to was we what when which with you your"
    )
)
_FOUND: Final = """
SELECT page.path, section.fragment, section.title, section.start, section.end, digest, -bm25(words, 6.0, 1.0) AS score
FROM words JOIN section ON section.id = words.rowid JOIN page ON page.id = section.page
WHERE words MATCH ? ORDER BY score DESC, section.id LIMIT ?
"""
_serial = count()


class Index(Prefab, frozen=True):
    """The index of one library's documentation, kept below `folder`. Parts are made when they are first searched."""

    library: Library
    folder: Path

    def search(self, query: str, parts: Sequence[str] = tuple(PARTS), limit: int = 10) -> tuple[Hit, ...]:
        """The sections that fit the words of the query best, the best first; every anchor of them resolves.

        Raises `UnavailableError` where the documentation is not installed, `StoreError` where the index cannot be
        written.
        """
        asked = match_any(query)
        if not asked:
            return ()
        found = [hit for part in parts for hit in self._found(part, asked, limit * PER_PAGE_MAX)]
        pages: Counter[str] = Counter()
        best: list[Hit] = []
        for hit in sorted(found, key=lambda hit: (-hit.rank, hit.address)):
            pages[hit.anchor.source] += 1
            if pages[hit.anchor.source] <= PER_PAGE_MAX:
                best.append(hit)
        return tuple(best[:limit])

    def make(self, part: str, told_of: Callable[[str, int], None] = lambda part, sections: None) -> int:
        """Makes one part anew; the number of its sections. `told_of` hears of every hundredth page."""
        return _make(self.library, PARTS[part], self.file(part), lambda number: told_of(part, number))

    def is_made(self, part: str) -> bool:
        return self.file(part).exists()

    def file(self, part: str) -> Path:
        """Where a part is kept: named for the documentation that it was made from."""
        return self.folder / f"rust-docs-{FORMAT}" / f"{self._key(part)}-{part}.db"

    def _key(self, part: str) -> str:
        root = str(self.library.sources.documentation)
        facts = [root]
        for name in PARTS[part]:
            with suppress(OSError):
                status = os.stat(os.path.join(root, name))
                facts.append(f"{name} {status.st_mtime_ns} {status.st_ino}")
        return blake3("\n".join(facts).encode()).hexdigest()[:20]

    def _found(self, part: str, asked: str, limit: int) -> list[Hit]:
        """The part's hits. A part whose anchors no longer resolve, or that is damaged, is made anew, once."""
        if not self.is_made(part):
            self.make(part)
        for attempt in range(2):
            try:
                hits = _ask(self.file(part), asked, limit)
            except sqlite3.Error as error:
                if attempt:
                    raise StoreError(f"cannot read the index {self.file(part)}: {error}", hint="delete it") from error
                hits = None
            if hits is not None and all(self.library.holds(hit.anchor) for hit in hits):
                return hits
            self.make(part)
        return [hit for hit in hits or [] if self.library.holds(hit.anchor)]


def open_index(project: Path | None = None) -> Index:
    """The index of the toolchain that the project chooses, in the user's cache. Raises as `open_library` does."""
    return Index(open_library(project), default_root())


def match_any(query: str) -> str:
    """The FTS5 expression for any of the query's words; empty where it has none that tells anything."""
    words = dict.fromkeys(word.lower() for word in _WORD.findall(query))
    return " OR ".join(f'"{word}"' for word in words if word not in _STOPPED)


def _ask(file: Path, asked: str, limit: int) -> list[Hit]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = database.execute(_FOUND, (asked, limit)).fetchall()
    return [
        Hit(
            Anchor(Sha256(digest.hex()), f"{DOCUMENTS}{path}", start, end),
            title,
            f"{DOCUMENTS}{path}#{fragment}" if fragment else f"{DOCUMENTS}{path}",
            score,
        )
        for path, fragment, title, start, end, digest, score in rows
    ]


def _make(library: Library, folders: Sequence[str], file: Path, told_of: Callable[[int], None]) -> int:
    scratch = file.with_name(f"{file.stem}.{os.getpid()}.{next(_serial)}.part")
    with told(f"write the index {file}"):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(sqlite3.connect(scratch, isolation_level=None)) as database:
                number = _fill(database, library, folders, told_of)
            os.replace(scratch, file)
        except sqlite3.Error as error:
            raise StoreError(f"cannot write the index {file}: {error}", hint="is the disk full?") from error
        finally:
            scratch.unlink(missing_ok=True)
    return number


def _fill(
    database: sqlite3.Connection, library: Library, folders: Sequence[str], told_of: Callable[[int], None]
) -> int:
    database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA} BEGIN;")
    number = 0
    for page, path in enumerate(_pages(library, folders)):
        document = library.sources.read(DOCUMENTS + path)
        if not _ENGLISH.search(document, 0, _HEAD_BYTES):
            continue  # A translation of another page.
        database.execute("INSERT INTO page VALUES (?, ?)", (page, path))
        sections, words = [], []
        for one in sections_of(document, whole=False):
            number += 1
            digest = sha256(memoryview(document)[one.start : one.end]).digest()
            sections.append((number, page, one.fragment, one.title, one.start, one.end, digest))
            words.append((number, one.title, words_of(document, one.start, one.end)))
        database.executemany("INSERT INTO section VALUES (?, ?, ?, ?, ?, ?, ?)", sections)
        database.executemany("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", words)
        if page % 100 == 0:
            told_of(number)
    database.execute("COMMIT")
    return number


def _pages(library: Library, folders: Sequence[str]) -> Iterator[str]:
    """The paths of the pages to search, in order. Raises `UnavailableError` where none are installed."""
    root = library.sources.documentation
    if root is None:
        raise UnavailableError("the toolchain's documentation is not installed", hint=MISSING_HINT)
    for folder in folders:
        for parent, inner, names in os.walk(root / folder):
            inner[:] = sorted(name for name in inner if not _SKIPPED_FOLDERS.fullmatch(name))
            relative = os.path.relpath(parent, root).replace(os.sep, "/")
            pages = (name for name in sorted(names) if name.endswith(".html") and name not in _SKIPPED_FILES)
            yield from (f"{relative}/{name}" for name in pages)
