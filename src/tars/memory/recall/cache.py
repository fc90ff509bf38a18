"""The semantic cache: an answer of a closure is given again for a question close enough to an earlier one.

Answers are entries of the kind `answer` in the journal. One is given again only where the questions are near, name the
same numbers, negations and quoted words, and nothing that the answer cites has changed. Being near is not enough by
itself: to sentence models a gate that is open and one that is closed are as near as two ways to say the same. So
unless a threshold was chosen on purpose, the telling words must be the same too.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import file_digest, sha256
from typing import TYPE_CHECKING, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.memory.recall import database
from tars.memory.recall.answers import KIND, body_of, dropped_in, fault_of, kept_in
from tars.memory.recall.arrays import np
from tars.memory.recall.embedding import DIMENSIONS
from tars.memory.recall.index import Index
from tars.memory.recall.memories import remembered
from tars.memory.recall.wording import is_same_question

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

THRESHOLD: Final = 0.92
THRESHOLD_WORDS: Final = 0.97
"""The least cosine of two questions that count as one: with a model, and with hashed words."""
NEAR_CHARACTERS_MAX: Final = 500
"""A longer question shares an answer only with itself: an embedder does not see all of it."""
_TELLING: Final = re.compile(
    r"\d+(?:\.\d+)?|\b(?:not?|never|without|none|nor|neither|cannot|\w+n't)\b|[`\"'][^`\"'\n]+[`\"']"
)


class Reused(Prefab, frozen=True):
    """An earlier answer: to which question, how near it is (1.0: the same), and from when (seconds since 1970)."""

    answer: Json
    question: str
    similarity: float
    time: float
    entry: int


class Use(Prefab, frozen=True):
    """What a closure's cache holds and did since the index was made. `stale` answers were dropped when asked for,
    because what they cite had changed."""

    closure: str
    answers: int
    hits: int
    misses: int
    stale: int
    oldest: float

    @property
    def hit_rate(self) -> float:
        """Of all lookups; 0 where there was none."""
        total = self.hits + self.misses
        return self.hits / total if total else 0.0


def grounds(index: Index, cites: Sequence[str]) -> dict[str, str]:
    """What files of the project and ids of memories are now, each as its SHA-256; to be taken before the answer that
    rests on them is worked out. Raises `UsageError` for one that is neither."""
    found: dict[str, str] = {}
    for name in cites:
        digest = _ground(index, name)
        if digest is None:
            raise UsageError(f"`{name}` is neither a file of the project nor a memory", hint="cite what is there")
        found[name] = digest
    return found


def keep(index: Index, closure: str, question: str, answer: Json, cites: Mapping[str, str]) -> int:
    """Writes an answer with the `grounds` that it cites, and returns the entry's number; durable when this returns.

    Raises `UsageError` for a question or an answer that is too long.
    """
    said: dict[str, Json] = {"closure": closure, "question": question, "answer": answer, "cites": dict(cites)}
    fault = fault_of(said)
    if fault:
        raise UsageError(f"this answer cannot be kept: {fault}", hint="a large one is kept as a file, and that cited")
    with index.store.transaction() as transaction:
        transaction.append(KIND, body_of(said), subject=closure)
    _catch_up(index)
    return index.store.head


def look_up(index: Index, closure: str, question: str, threshold: float | None = None) -> Reused | None:
    """The answer to the nearest earlier question that is near enough and still holds; None where there is none.

    With a `threshold` (a cosine, more than 0 and at most 1) nearness alone counts; without it, the questions must also
    have the same telling words in the same order. Hits, misses and stale answers are counted. A stale one is dropped
    for good, with the reason in the journal.
    """
    _catch_up(index)
    limit = threshold if threshold is not None else threshold_of(index)
    if not 0.0 < limit <= 1.0:
        raise UsageError(f"a threshold of {limit:g} is none", hint="more than 0, at most 1")
    rows = _answers(index, closure)
    asked = _spelt(question)
    cosines = _cosines(index, rows, question)
    near = sorted(zip(cosines, rows, strict=True), key=lambda pair: (-pair[0], -pair[1][0]))
    stale: dict[int, str] = {}
    found: Reused | None = None
    for cosine, (entry, earlier, body, time, _) in near:
        if len(question) > NEAR_CHARACTERS_MAX and earlier != question:
            continue
        similarity = 1.0 if _spelt(earlier) == asked else min(float(cosine), 0.9999)
        if similarity < limit or _telling(earlier) != _telling(question):
            continue
        if threshold is None and not is_same_question(earlier, question):
            continue
        said = json.loads(body)
        changed = [name for name, digest in said["cites"].items() if _ground(index, name) != digest]
        if changed:
            stale[entry] = f"{changed[0]} has changed"
            continue
        found = Reused(said["answer"], earlier, similarity, time, entry)
        break
    if stale:
        drop(index, closure, list(stale), why="; ".join(dict.fromkeys(stale.values())))
    _count(index, closure, hit=found is not None, stale=len(stale))
    return found


def answered(
    index: Index, closure: str, question: str, compute: Callable[[], Json], cites: Sequence[str] = ()
) -> tuple[Json, Reused | None]:
    """The answer to a question: an earlier one that still holds, else what `compute` returns, which is kept with what
    it cites."""
    reused = look_up(index, closure, question)
    if reused is not None:
        return reused.answer, reused
    now = grounds(index, cites)
    answer = compute()
    keep(index, closure, question, answer, now)
    return answer, None


def drop(index: Index, closure: str, entries: Sequence[int] = (), *, why: str) -> int:
    """Takes answers out of use, all of the closure's where none are named; returns how many."""
    _catch_up(index)
    gone = list(entries) or [row[0] for row in _answers(index, closure)]
    if gone:
        with index.store.transaction() as transaction:
            transaction.append(KIND, {"act": "drop", "entries": list(gone), "why": why}, subject=closure)
        _catch_up(index)
    return len(gone)


def uses(index: Index) -> list[Use]:
    """What the cache holds and did, by closure."""
    _catch_up(index)
    with database.refusals(index.path):
        held = index.connection.execute("SELECT closure, count(*), min(time) FROM answers GROUP BY closure").fetchall()
        counted = index.connection.execute("SELECT closure, hits, misses, stale FROM uses").fetchall()
    counts = {closure: (hits, misses, stale) for closure, hits, misses, stale in counted}
    holds = {closure: (count, oldest) for closure, count, oldest in held}
    return [
        Use(closure, holds.get(closure, (0, 0.0))[0], *counts.get(closure, (0, 0, 0)), holds.get(closure, (0, 0.0))[1])
        for closure in sorted({*holds, *counts})
    ]


def threshold_of(index: Index) -> float:
    """The threshold that holds where none is given."""
    return THRESHOLD if index.speaks and index.embedder.knows_meaning else THRESHOLD_WORDS


def _catch_up(index: Index) -> None:
    """Takes in what the journal says of answers since it was last looked at."""
    position = int(index.fact("answers_position"))
    entries = list(index.store.entries(kind=KIND, after=position))
    if not entries:
        return
    with index.writing() as connection:
        if int(index.fact("answers_position")) != position:
            return  # Another process was faster.
        for entry in entries:
            kept = kept_in(entry)
            if kept is not None:
                row = (entry.number, kept.closure, kept.question, json.dumps(kept.as_json()), kept.time, b"")
                connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)", row)
            gone = ((number,) for number in dropped_in(entry))
            connection.executemany("DELETE FROM answers WHERE entry = ?", gone)
        connection.execute("UPDATE facts_of_index SET value = ? WHERE name = 'answers_position'", (entries[-1].number,))


def _answers(index: Index, closure: str) -> list[tuple[int, str, str, float, bytes]]:
    with database.refusals(index.path):
        return index.connection.execute(
            "SELECT entry, question, body, time, vector FROM answers WHERE closure = ? ORDER BY entry", (closure,)
        ).fetchall()


def _cosines(
    index: Index, rows: Sequence[tuple[int, str, str, float, bytes]], question: str
) -> "Sequence[float] | NDArray[float32]":
    """How near the question is to each of the earlier ones, whose vectors are made once; 0 without an embedder."""
    if not rows or not index.speaks:
        return [0.0] * len(rows)
    marked = index.embedder.name.encode() + b"\0"
    size = len(marked) + 2 * DIMENSIONS
    missing = [row for row in rows if len(row[4]) != size or not row[4].startswith(marked)]
    made: dict[int, bytes] = {}
    if missing:
        vectors = index.embedder.embed([row[1] for row in missing]).astype(np.float16)
        made = {row[0]: marked + vector.tobytes() for row, vector in zip(missing, vectors, strict=True)}
        with index.writing() as connection:
            connection.executemany(
                "UPDATE answers SET vector = ? WHERE entry = ?", [(vector, entry) for entry, vector in made.items()]
            )
    held = b"".join(made.get(row[0], row[4])[len(marked) :] for row in rows)
    matrix = np.frombuffer(held, dtype=np.float16).reshape(-1, DIMENSIONS).astype(np.float32)
    cosines: NDArray[float32] = matrix @ index.embedder.embed([question])[0]
    return cosines


def _count(index: Index, closure: str, *, hit: bool, stale: int) -> None:
    with index.writing() as connection:
        connection.execute("INSERT OR IGNORE INTO uses VALUES (?, 0, 0, 0)", (closure,))
        connection.execute(
            "UPDATE uses SET hits = hits + ?, misses = misses + ?, stale = stale + ? WHERE closure = ?",
            (int(hit), int(not hit), stale, closure),
        )


def _ground(index: Index, name: str) -> str | None:
    """The SHA-256 of what a citation names now: a file of the project, else a memory's text; None where it is gone."""
    place = index.project / name
    try:
        if place.is_file() and place.resolve().is_relative_to(index.project.resolve()):
            with open(place, "rb") as file:
                return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None  # what cannot be read now does not prove anything
    memory = remembered(index.store).memories.get(name)
    return None if memory is None else sha256(memory.text.encode()).hexdigest()


def _spelt(question: str) -> str:
    return " ".join(question.lower().split())


def _telling(question: str) -> list[str]:
    """What must be the same in two questions that have one answer: numbers, negations, quoted words."""
    return sorted(_TELLING.findall(question.lower()))
