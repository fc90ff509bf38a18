"""The index of a project: opened, brought up to what the journal says, written to, and held in memory for questions."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import CorruptError, StoreError
from tars.memory.recall import database
from tars.memory.recall.arrays import np
from tars.memory.recall.embedding import DIMENSIONS, Embedder, best_embedder
from tars.memory.recall.engine import VectorEngine, chosen
from tars.memory.recall.memories import next_changes
from tars.memory.recall.values import Memory
from tars.memory.recall.vectors import Vectors, joined, made, read_snapshot, without, write_snapshot
from tars.memory.recall.wording import written
from tars.store import Store

if TYPE_CHECKING:
    import sqlite3

    from numpy import float16, float32, int64
    from numpy.typing import NDArray

FOLDER: Final = ("cache", "recall")
NAME: Final = "index.db"
BATCH: Final = 256
"""How many passages are embedded and written together: what a kill may make to be done again."""
SNAPSHOT_ROWS: Final = 4_096
"""So many rows beside the snapshot, or removed from it, make a new one worth writing."""
_INSERT: Final = (
    "INSERT INTO passages (id, kind, path, first, last, sha256, title, text, time, metadata, likeness, vector) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Draft(NamedTuple):
    """A passage that is to be put into the index. `path` is empty for a memory; `text` is exactly the cited lines."""

    id: str
    kind: str
    path: str
    first: int
    last: int
    title: str
    text: str
    time: float
    metadata: dict[str, str]

    @property
    def embedded(self) -> str:
        """What is embedded: where it stands and what it is called belong to what it means."""
        return "\n".join(part for part in (self.path, self.title, self.text) if part)


class CaughtUp(Prefab, frozen=True):
    """How many memories opening put into the index, and how many it took out."""

    added: int = 0
    removed: int = 0


class Index:
    """Open with `open_index`. One thread at a time; any number of processes."""

    def __init__(self, store: Store, connection: "sqlite3.Connection", path: Path, embedder: Embedder) -> None:
        self.store = store
        self.project = store.root.parent
        self.connection = connection
        self.path = path
        self.embedder = embedder
        self.refused = ""
        """Why this is a copy of the index and not the index itself; empty where it is."""
        self.engine: VectorEngine | None = None
        """What looks for near vectors instead of this process."""
        self.vectors = _no_vectors()
        self.speaks = True
        """Whether the index was made with `embedder`; if not, vectors are neither made nor asked until it is back."""
        self.frequencies: dict[str, int] = {}
        """How often words occur, as far as it was asked; a little out of date does no harm."""
        self._has_written = False
        self._change = -1
        self._epoch = ""

    def fact(self, name: str) -> Any:
        with database.refusals(self.path):
            row = self.connection.execute("SELECT value FROM facts_of_index WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def passages(self) -> int:
        with database.refusals(self.path):
            return int(self.connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    @contextmanager
    def writing(self) -> Iterator["sqlite3.Connection"]:
        """One write transaction; what is written is found by `refresh`."""
        with database.writing(self.connection, self.path):
            yield self.connection

    def catch_up(self) -> CaughtUp:
        """Puts into the index what the journal says since it was last looked at. Safe beside other processes that do
        the same: the texts are embedded first, then written if nobody else was faster."""
        added = removed = 0
        while True:
            position = int(self.fact("position"))
            batch = next_changes(self.store, position, BATCH)
            if not batch.entry:
                return CaughtUp(added, removed)
            drafts = [_draft(memory) for memory in batch.memories.values()]
            vectors = self.embedded(drafts)
            with self.writing() as connection:
                if int(self.fact("position")) != position:
                    continue
                removed += self.remove([*batch.gone, *batch.memories])
                self.insert(drafts, vectors)
                connection.execute("UPDATE facts_of_index SET value = ? WHERE name = 'position'", (batch.entry,))
                if batch.folders:
                    self._note_unread(batch.folders)
            added += len(drafts)

    def unread(self) -> list[str]:
        """The folders that the journal says were read, and this index was not there then."""
        return sorted(json.loads(self.fact("unread") or "[]"))

    def mark_read(self, folder: str) -> None:
        """Notes that the folder is in this index as it is."""
        if folder in self.unread():
            with self.writing():
                self._note_unread({folder: False})

    def _note_unread(self, folders: dict[str, bool]) -> None:
        now = dict.fromkeys(self.unread(), True) | folders
        told = json.dumps([folder for folder, is_unread in now.items() if is_unread])
        self.connection.execute("INSERT OR REPLACE INTO facts_of_index VALUES ('unread', ?)", (told,))

    def embedded(self, drafts: Sequence[Draft]) -> "NDArray[float16]":
        """float16[len(drafts), DIMENSIONS]; what was embedded before is looked up. Zeros where the embedder that the
        index is made with is not here."""
        vectors = np.zeros((len(drafts), DIMENSIONS), dtype=np.float16)
        if not self.speaks:
            return vectors
        missing = []
        with database.refusals(self.path):
            for place, draft in enumerate(drafts):
                row = self.connection.execute(
                    "SELECT vector FROM passages WHERE likeness = ? LIMIT 1", (_likeness(draft),)
                ).fetchone()
                if row and len(row[0]) == 2 * DIMENSIONS:
                    vectors[place] = np.frombuffer(row[0], dtype=np.float16)
                else:
                    missing.append(place)
        if missing:
            vectors[missing] = self.embedder.embed([drafts[place].embedded for place in missing])
        return vectors

    def insert(self, drafts: Sequence[Draft], vectors: "NDArray[float16]") -> None:
        """Adds passages; to be called within `writing`."""
        self._has_written = True
        for draft, vector in zip(drafts, vectors, strict=True):
            row = self.connection.execute(
                _INSERT,
                (
                    draft.id, draft.kind, draft.path, draft.first, draft.last,
                    sha256(draft.text.encode("utf-8", "surrogatepass")).hexdigest(), draft.title, draft.text,
                    draft.time, json.dumps(draft.metadata, ensure_ascii=False),
                    _likeness(draft) if self.speaks else b"", vector.tobytes(),
                ),
            ).lastrowid  # fmt: skip
            facts = {**draft.metadata, "kind": draft.kind}
            self.connection.executemany(
                "INSERT OR IGNORE INTO facts VALUES (?, ?, ?)", ((key, value, row) for key, value in facts.items())
            )
            self.connection.execute(
                "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)",
                (row, written(f"{draft.path} {draft.title}"), written(draft.text)),
            )

    def remove(self, ids: Iterable[str]) -> int:
        """Takes memories out, by id; returns how many there were. To be called within `writing`."""
        count = 0
        for id in ids:
            row = self.connection.execute(
                "SELECT row, path, title, text FROM passages WHERE kind = 'memory' AND id = ?", (id,)
            ).fetchone()
            if row is not None:
                self._remove_row(*row)
                count += 1
        return count

    def remove_file(self, path: str) -> int:
        """Takes all passages of a file out, and the file; to be called within `writing`."""
        rows = self.connection.execute("SELECT row, path, title, text FROM passages WHERE path = ?", (path,)).fetchall()
        for row in rows:
            self._remove_row(*row)
        self.connection.execute("DELETE FROM files WHERE path = ?", (path,))
        return len(rows)

    def _remove_row(self, row: int, path: str, title: str, text: str) -> None:
        self._has_written = True
        execute = self.connection.execute
        execute(
            "INSERT INTO words (words, rowid, title, body) VALUES ('delete', ?, ?, ?)",
            (row, written(f"{path} {title}"), written(text)),
        )
        execute("DELETE FROM facts WHERE row = ?", (row,))
        execute("DELETE FROM passages WHERE row = ?", (row,))
        execute("INSERT INTO removed VALUES (?)", (row,))

    def nearest(
        self, vector: "NDArray[float32]", count: int, among: "NDArray[int64] | None" = None
    ) -> "tuple[NDArray[int64], NDArray[float32]]":
        """The rows whose vectors have the greatest cosine with `vector` (of length one), and the cosines, best first;
        only rows of `among` (ascending) where it is given."""
        if self.engine is not None:
            return self.engine.nearest(self, vector, count, among)
        return self.refresh().nearest(vector, count, among)

    def refresh(self) -> Vectors:
        """The vectors as they are now: what this or another process changed since the last call is taken in."""
        with database.refusals(self.path):
            self.connection.execute("BEGIN")
            try:
                change = int(self.fact("change"))
                if change != self._change:
                    self.vectors = self._loaded()
                    self._change = change
            finally:
                self.connection.execute("COMMIT")
        return self.vectors

    def _loaded(self) -> Vectors:
        known, epoch = self.vectors, str(self.fact("epoch"))
        if not len(known) or epoch != self._epoch:
            known = read_snapshot(self._snapshot(epoch), epoch) or _no_vectors()
            self._epoch = epoch
        rows = self.connection.execute(
            "SELECT row, vector FROM passages WHERE row > ? ORDER BY row", (known.last,)
        ).fetchall()
        new = made(
            np.array([row for row, _ in rows], dtype=np.int64),
            np.frombuffer(b"".join(vector for _, vector in rows), dtype=np.float16).reshape(-1, DIMENSIONS),
        )
        removed = self.connection.execute("SELECT row FROM removed ORDER BY row").fetchall()
        return without(joined(known, new), np.array([row for (row,) in removed], dtype=np.int64))

    def keep_snapshot(self) -> bool:
        """Writes a snapshot of the vectors where this process made the last one stale; returns whether it did."""
        if not self._has_written or self.engine is not None:
            return False
        epoch = str(self.fact("epoch"))
        path = self._snapshot(epoch)
        old = read_snapshot(path, epoch)
        now = self.refresh()
        dead = int((~now.alive).sum())
        if len(now) - (len(old) if old else 0) + dead < SNAPSHOT_ROWS:
            return False
        write_snapshot(now, path, epoch)
        return True

    def _snapshot(self, epoch: str) -> Path:
        return self.path.parent / f"vectors-{epoch}"


@contextmanager
def open_index(
    store: Store,
    embedder: Embedder | None = None,
    *,
    anew: bool = False,
    reading: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Index]:
    """The index of a project, caught up with its journal. With `anew` it is deleted first and made again.

    `embedder` is the best one of this machine unless it is given. Where the index was made with another, all passages
    are embedded anew, of which `progress` is told. Raises `CorruptError` where the index is damaged: it names the file
    and how to make it anew; and what `chosen` does where the environment names an engine.

    Where the disk is full, or may not be written, SQLite can read no index either. Who is only `reading` then gets a
    copy of it in the system's temporary folder, which is dropped afterwards; `refused` of the index says why.
    """
    path = store.root.joinpath(*FOLDER, NAME)
    if anew:
        database.remove(path)
    with ExitStack() as stack:
        try:
            index = stack.enter_context(_opened(store, path, embedder, progress))
        except CorruptError:
            raise
        except StoreError as refused:
            copy = stack.enter_context(database.copied(path)) if reading else None
            if copy is None:
                raise
            index = stack.enter_context(_opened(store, copy, embedder, progress))
            index.refused = refused.message
        yield index


@contextmanager
def _opened(
    store: Store, path: Path, embedder: Embedder | None, progress: Callable[[int, int], None]
) -> Iterator[Index]:
    connection = database.connect(path)
    try:
        index = Index(store, connection, path, embedder or best_embedder())
        index.engine = chosen(os.environ)
        _agree_on_embedder(index, progress)
        index.catch_up()
        yield index
        with suppress(StoreError):  # It only makes the next opening quicker.
            index.keep_snapshot()
    finally:
        connection.close()


def _agree_on_embedder(index: Index, progress: Callable[[int, int], None]) -> None:
    """Sees to it that all vectors are of one embedder: those of two are never compared.

    Passages of which that is not so have no likeness. They are embedded a batch in a transaction; a kill in between
    leaves the others to the next opening.
    """
    used, wanted = str(index.fact("embedder")), index.embedder.name
    if used != wanted:
        if used and not index.embedder.knows_meaning:
            # Falling back to words must not throw away what a model made.
            index.speaks = False
            return
        with index.writing() as connection:
            connection.execute("UPDATE passages SET likeness = x''")
            connection.execute("UPDATE facts_of_index SET value = ? WHERE name = 'embedder'", (wanted,))
    with database.refusals(index.path):
        total = int(index.connection.execute("SELECT count(*) FROM passages WHERE likeness = x''").fetchone()[0])
    done = 0
    while done < total:
        progress(done, total)
        count = _embed_some(index)
        done = done + count if count else total


def _embed_some(index: Index) -> int:
    """Embeds a batch of the passages that have no vector of this embedder; returns how many there were."""
    with database.refusals(index.path):
        rows = index.connection.execute(
            "SELECT row, id, kind, path, first, last, title, text, time, metadata FROM passages "
            "WHERE likeness = x'' LIMIT ?", (BATCH,)
        ).fetchall()  # fmt: skip
    drafts = [Draft._make((*row[1:-1], json.loads(row[-1]))) for row in rows]
    vectors = index.embedded(drafts)
    with index.writing() as connection:
        connection.executemany(
            "UPDATE passages SET likeness = ?, vector = ? WHERE row = ? AND id = ?",
            [
                (_likeness(draft), vector.tobytes(), row[0], draft.id)
                for draft, vector, row in zip(drafts, vectors, rows, strict=True)
            ],
        )
        # What was loaded or written of the vectors before is of no use any more.
        epoch = os.urandom(8).hex()
        connection.execute("UPDATE facts_of_index SET value = ? WHERE name = 'epoch'", (epoch,))
    return len(rows)


def _no_vectors() -> Vectors:
    return made(np.zeros(0, np.int64), np.zeros((0, DIMENSIONS), np.float16))


def _draft(memory: Memory) -> Draft:
    return Draft(
        memory.id, "memory", "", 1, memory.text.count("\n") + 1, "", memory.text, memory.time, dict(memory.metadata)
    )


def _likeness(draft: Draft) -> bytes:
    """What two passages have in common that have the same vector."""
    return blake3(draft.embedded.encode("utf-8", "surrogatepass")).digest(16)
