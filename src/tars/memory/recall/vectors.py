"""The vectors of an index in memory: one bit for each dimension to find what is near, then the vectors themselves.

The signs of a vector's dimensions are compared first (the more agree, the nearer; Charikar, Similarity Estimation
Techniques from Rounding Algorithms, 2002), over all rows. Of the nearest few hundred the cosine is computed from the
vectors in half precision. A snapshot file, mapped and not read, makes opening quick; what is newer comes from SQLite.

Snapshot, format 1: the line `tars-vectors 1 EPOCH COUNT LAST DIGEST`, zeros up to byte 4,096, COUNT rows as int64,
the signs as DIMENSIONS / 64 arrays of COUNT uint64, the vectors as COUNT x DIMENSIONS float16, little endian; DIGEST
is the blake3 of rows and signs.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blake3 import blake3

from tars.memory.recall.arrays import np
from tars.memory.recall.embedding import DIMENSIONS
from tars.store.durable import told

if TYPE_CHECKING:
    from numpy import bool_, float16, float32, int64, uint64
    from numpy.typing import NDArray

WORDS: Final = DIMENSIONS // 64
HEADER_BYTES: Final = 4_096
EXACT_MAX: Final = 3_000
"""Up to this many rows are compared exactly, without looking at signs."""
RESCORED: Final = 384
"""At least so many rows, and `RESCORED_EACH` for each that is asked for, are compared exactly after the signs."""
RESCORED_EACH: Final = 8


class Vectors:
    """Rows of an index with their vectors. `rows` ascend; a row that is not `alive` is never found."""

    def __init__(
        self, rows: "NDArray[int64]", signs: "NDArray[uint64]", exact: "NDArray[float16]", alive: "NDArray[bool_]"
    ) -> None:
        self.rows = rows
        self.signs = signs
        self.exact = exact
        self.alive = alive
        self._all_alive = bool(alive.all())

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def last(self) -> int:
        """The highest row; 0 where there is none."""
        return int(self.rows[-1]) if len(self.rows) else 0

    def nearest(
        self, vector: "NDArray[float32]", count: int, among: "NDArray[int64] | None" = None
    ) -> "tuple[NDArray[int64], NDArray[float32]]":
        """The rows whose vectors have the greatest cosine with `vector` (of length one), and the cosines, best first.

        Only rows of `among` (ascending) where it is given. Exact where few come into question; see `RESCORED`.
        """
        places: NDArray[int64] | None = None
        if among is not None:
            found = np.searchsorted(self.rows, among)
            found = found[found < len(self.rows)]
            among = among[: len(found)]
            places = found[self.rows[found] == among]
        if places is not None and not self._all_alive:
            places = places[self.alive[places]]
        total = len(self.rows) if places is None else len(places)
        wanted = min(count, total)
        if not wanted:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        if total > EXACT_MAX:
            places = self._promising(vector, places, max(RESCORED, RESCORED_EACH * count))
        elif places is None:
            places = np.flatnonzero(self.alive)
        cosines = self.exact[places].astype(np.float32) @ vector
        best = np.argsort(-cosines, kind="stable")[:wanted]
        return self.rows[places[best]], cosines[best]

    def _promising(self, vector: "NDArray[float32]", places: "NDArray[int64] | None", count: int) -> "NDArray[int64]":
        """The places of at least `count` rows (and of all that are as near) whose signs differ least."""
        asked = signs_of(vector[None, :])[:, 0]
        total = len(self.rows) if places is None else len(places)
        differing = np.zeros(total, dtype=np.uint16)
        for word in range(WORDS):
            column = self.signs[word] if places is None else self.signs[word][places]
            differing += np.bitwise_count(column ^ asked[word])
        if places is None and not self._all_alive:
            differing[~self.alive] = DIMENSIONS + 1
        limit = min(int(np.partition(differing, min(count, total) - 1)[min(count, total) - 1]), DIMENSIONS)
        near = np.flatnonzero(differing <= limit)
        return near if places is None else places[near]


def signs_of(vectors: "NDArray[Any]") -> "NDArray[uint64]":
    """uint64[WORDS, n]: a bit for each dimension that is above zero."""
    packed = np.packbits(vectors > 0, axis=1).view(np.uint64)
    return np.ascontiguousarray(packed.T)


def made(rows: "NDArray[int64]", exact: "NDArray[float16]") -> Vectors:
    """The vectors of some rows, which ascend."""
    return Vectors(rows, signs_of(exact), exact, np.ones(len(rows), dtype=bool))


def joined(first: Vectors, second: Vectors) -> Vectors:
    """Both together; all rows of `second` are higher. The vectors of `first` are copied where it is a snapshot."""
    if not len(second):
        return first
    if not len(first):
        return second
    return Vectors(
        np.concatenate((first.rows, second.rows)),
        np.concatenate((first.signs, second.signs), axis=1),
        np.concatenate((first.exact, second.exact)),
        np.concatenate((first.alive, second.alive)),
    )


def without(vectors: Vectors, removed: "NDArray[int64]") -> Vectors:
    """The same where these rows (ascending) are not found any more."""
    if not len(removed) or not len(vectors):
        return vectors
    places = np.searchsorted(vectors.rows, removed)
    places = places[places < len(vectors.rows)]
    alive = vectors.alive.copy()
    alive[places[np.isin(vectors.rows[places], removed)]] = False
    return Vectors(vectors.rows, vectors.signs, vectors.exact, alive)


def write_snapshot(vectors: Vectors, path: Path, epoch: str) -> None:
    """Writes the living rows to `path`, whole or not at all. Losing it costs time only."""
    keep = vectors.alive
    rows = np.ascontiguousarray(vectors.rows[keep])
    signs = np.ascontiguousarray(vectors.signs[:, keep])
    head = f"tars-vectors 1 {epoch} {len(rows)} {int(rows[-1]) if len(rows) else 0} {_digest(rows, signs)}\n"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with told(f"write the vectors {path}"):
        try:
            with open(temporary, "wb") as file:
                file.write(head.encode().ljust(HEADER_BYTES, b"\0"))
                file.write(rows.tobytes())
                file.write(signs.tobytes())
                for start in range(0, len(vectors.rows), 16_384):
                    part = slice(start, start + 16_384)
                    file.write(vectors.exact[part][keep[part]].tobytes())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def read_snapshot(path: Path, epoch: str) -> Vectors | None:
    """The vectors of a snapshot, mapped; None where it is missing, of another index, or not whole."""
    try:
        with open(path, "rb") as file:
            words = file.read(HEADER_BYTES).split(b"\n", 1)[0].decode("ascii", "replace").split(" ")
        if len(words) != 6 or words[:3] != ["tars-vectors", "1", epoch]:
            return None
        count, last, digest = int(words[3]), int(words[4]), words[5]
        signs_at = HEADER_BYTES + 8 * count
        exact_at = signs_at + 8 * WORDS * count
        if not count or path.stat().st_size != exact_at + 2 * DIMENSIONS * count:
            return None
        whole = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    except (OSError, ValueError):
        return None
    rows = whole[HEADER_BYTES:signs_at].view(np.int64)
    signs = whole[signs_at:exact_at].view(np.uint64).reshape(WORDS, count)
    if int(rows[-1]) != last or _digest(rows, signs) != digest:
        return None
    exact = whole[exact_at:].view(np.float16).reshape(count, DIMENSIONS)
    return Vectors(np.array(rows), np.array(signs), exact, np.ones(count, dtype=bool))


def _digest(rows: "NDArray[int64]", signs: "NDArray[uint64]") -> str:
    hashed = blake3(np.ascontiguousarray(rows).view(np.uint8).data)
    return hashed.update(np.ascontiguousarray(signs).view(np.uint8).data).hexdigest()
