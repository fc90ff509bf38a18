"""Qdrant (https://qdrant.tech), a vector database that runs as a server, through its own client.

All projects share a collection for each embedder; a payload says whose a point is, and Qdrant is told to keep those of
one owner together ("multitenancy" in its manual). A point is a row of an index: its vector and its number, no text.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from blake3 import blake3

from tars.core.errors import UnavailableError, UsageError
from tars.core.extras import install_of
from tars.memory.recall import database
from tars.memory.recall.arrays import np
from tars.memory.recall.embedding import DIMENSIONS
from tars.memory.recall.engine import KEY_VARIABLE, VARIABLE, Opener
from tars.memory.recall.index import Index
from tars.store.durable import told

if TYPE_CHECKING:
    from numpy import float32, int64
    from numpy.typing import NDArray
    from qdrant_client import QdrantClient

FACT: Final = "qdrant"
"""The fact of the index that says what the server was given: where, of which epoch, and up to which row."""
TAKEN: Final = "qdrant_taken"
"""A table of the index: the removed rows that the server was told of."""
OWNER_FILE: Final = "qdrant-owner"
BATCH: Final = 512
SECONDS_MAX: Final = 30
_NEAR_HOSTS: Final = ("localhost", "127.0.0.1", "::1")


class Qdrant:
    """One server. `given` is how the index remembers which server it was."""

    def __init__(self, client: "QdrantClient", given: str) -> None:
        self.client = client
        self.given = given

    def nearest(
        self, index: Index, vector: "NDArray[float32]", count: int, among: "NDArray[int64] | None"
    ) -> "tuple[NDArray[int64], NDArray[float32]]":
        from qdrant_client import models  # noqa: PLC0415  (an extra, and slow to load)

        with _refusals(self.given):
            owner, collection = _owner(index), _collection(index)
            self._bring_up_to_date(index, owner, collection)
            must: list[Any] = [_of(owner)]
            if among is not None:
                must.append(models.HasIdCondition(has_id=[_id(owner, row) for row in among.tolist()]))
            found = self.client.query_points(
                collection, query=vector.tolist(), limit=count, query_filter=models.Filter(must=must),
                with_payload=["row"],
            ).points  # fmt: skip
        rows = np.array([int((point.payload or {})["row"]) for point in found], dtype=np.int64)
        return rows, np.array([point.score for point in found], dtype=np.float32)

    def _bring_up_to_date(self, index: Index, owner: str, collection: str) -> None:
        """Gives the server what changed in the index since it was last given something; all of it where it was never,
        where the vectors are others now, and where the server has lost them."""
        from qdrant_client import models  # noqa: PLC0415  (as above)

        epoch = str(index.fact("epoch"))
        start: dict[str, Any] = {"at": self.given, "collection": collection, "epoch": epoch, "row": 0}
        has = json.loads(index.fact(FACT) or "{}")
        is_there = self.client.collection_exists(collection)
        if not is_there:
            self._make(collection)
        if not is_there or any(has.get(key) != start[key] for key in ("at", "collection", "epoch")):
            self.client.delete(collection, models.FilterSelector(filter=models.Filter(must=[_of(owner)])), wait=True)
            has = start
            with index.writing() as connection:
                connection.execute(f"CREATE TABLE IF NOT EXISTS {TAKEN} (row INTEGER PRIMARY KEY)")
                connection.execute(f"DELETE FROM {TAKEN}")
        for rows in _batches(index, "SELECT row, vector FROM passages WHERE row > ? ORDER BY row LIMIT ?", has["row"]):
            points = [
                models.PointStruct(
                    id=_id(owner, row), vector=np.frombuffer(vector, dtype=np.float16).astype(np.float32).tolist(),
                    payload={"owner": owner, "row": row},
                )
                for row, vector in rows if len(vector) == 2 * DIMENSIONS
            ]  # fmt: skip
            self.client.upsert(collection, points, wait=True)
            has["row"] = rows[-1][0]
            with index.writing() as connection:  # a kill before this gives it the same points once more
                connection.execute("INSERT OR REPLACE INTO facts_of_index VALUES (?, ?)", (FACT, json.dumps(has)))
        taken = f"SELECT row FROM removed WHERE row > ? AND row NOT IN {TAKEN} ORDER BY row LIMIT ?"
        for rows in _batches(index, taken, 0):
            gone = models.PointIdsList(points=[_id(owner, row) for (row,) in rows])
            self.client.delete(collection, gone, wait=True)
            with index.writing() as connection:
                connection.executemany(f"INSERT OR IGNORE INTO {TAKEN} VALUES (?)", rows)

    def _make(self, collection: str) -> None:
        from qdrant_client import models  # noqa: PLC0415  (as above)

        self.client.create_collection(
            collection, vectors_config=models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)
        )
        owners = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        self.client.create_payload_index(collection, "owner", owners, wait=True)


def opened(url: str, key: str) -> Qdrant:
    """As `tars.memory.recall.engine.Opener` says. Nothing is asked of the server yet."""
    try:
        from qdrant_client import QdrantClient  # noqa: PLC0415  (an extra, and slow to load)
    except ImportError as error:
        raise UnavailableError("Qdrant needs its client, which is not installed", hint=install_of("qdrant")) from error
    place = urlsplit(url)
    if place.scheme not in ("http", "https") or not place.hostname:
        raise UsageError(f"`{url}` is no address of a Qdrant server", hint="as http://127.0.0.1:6333")
    if key and place.scheme == "http" and place.hostname not in _NEAR_HOSTS:
        raise UsageError(f"the key in {KEY_VARIABLE} would be sent in the clear to {url}", hint="use https")
    client = QdrantClient(url=url, api_key=key or None, timeout=SECONDS_MAX, check_compatibility=False)
    return Qdrant(client, f"{place.scheme}://{place.netloc}")


@contextmanager
def _refusals(given: str) -> Iterator[None]:
    from qdrant_client.common.client_exceptions import QdrantException  # noqa: PLC0415  (as above)
    from qdrant_client.http.exceptions import ApiException  # noqa: PLC0415  (as above)

    try:
        yield
    except (ApiException, QdrantException, OSError) as error:
        said = " ".join(str(error).split())[:300]
        raise UnavailableError(
            f"the Qdrant server at {given} cannot be asked: {said}",
            hint=f"see whether it runs and what it logs; without {VARIABLE} the built-in engine answers",
        ) from error


def _of(owner: str) -> Any:
    from qdrant_client import models  # noqa: PLC0415  (as above)

    return models.FieldCondition(key="owner", match=models.MatchValue(value=owner))


def _id(owner: str, row: int) -> str:
    return str(UUID(bytes=blake3(f"{owner} {row}".encode()).digest(16)))


def _collection(index: Index) -> str:
    """Vectors of two embedders are never compared, so each has a collection of its own."""
    used = str(index.fact("embedder"))
    return f"tars-{''.join(letter if letter.isalnum() else '-' for letter in used)[:80]}"


def _owner(index: Index) -> str:
    """The name of this index on every server: drawn once, kept beside the index, so that making it anew takes the place
    of what the server was given before."""
    path = index.path.with_name(OWNER_FILE)
    with told(f"read {path}"):
        if not path.exists():
            scratch = path.with_name(f"{OWNER_FILE}-{os.getpid()}")
            scratch.write_text(os.urandom(16).hex(), "ascii")
            try:
                os.link(scratch, path)
            except FileExistsError:
                pass  # Another process was faster.
            finally:
                scratch.unlink()
        return path.read_text("ascii").strip()


def _batches(index: Index, query: str, after: int) -> Iterator[list[Any]]:
    """What a query gives from the number `after` on; its first column ascends."""
    while True:
        with database.refusals(index.path):
            rows = index.connection.execute(query, (after, BATCH)).fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][0]


PLUGIN: Opener = opened
