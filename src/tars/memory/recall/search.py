"""Answers a question from the index: by its words and by its meaning, both rankings fused, with proven anchors."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Final

from tars.core.errors import UsageError
from tars.memory.recall import database
from tars.memory.recall.arrays import np
from tars.memory.recall.conditions import restriction
from tars.memory.recall.embedding import DEFAULT, EMBEDDERS
from tars.memory.recall.index import Index
from tars.memory.recall.values import RESULTS_MAX, Anchor, Answer, Mode, Passage, Question, State
from tars.memory.recall.wording import POSTINGS_MAX, query

POOL: Final = 100
"""How many of each ranking are fused; more where more are asked for."""
RANK_SOFTENING: Final = 10.0
VECTOR_WEIGHT: Final = 1.5
VECTOR_WEIGHT_WORDS: Final = 0.2
"""What the ranking by vectors counts beside that by words: with a model, and with hashed words."""
FREQUENCIES_MAX: Final = 100_000
COSINE_MIN: Final = 0.05
COSINE_MIN_WORDS: Final = 0.15
"""Passages that are no nearer than that are not near: with a model, and with hashed words."""
FILE_BYTES_MAX: Final = 16 << 20


def ask(index: Index, question: Question) -> Answer:
    """The passages that answer the question best.

    Rankings are fused by reciprocal ranks (Cormack et al., Reciprocal Rank Fusion, 2009). Each passage of a file is
    read there again: where its lines no longer say the same, its text is left out and the anchor says so.
    Raises `UsageError` for a question without text or a count that is out of bounds.
    """
    began = perf_counter()
    if not question.text.strip():
        raise UsageError("the question is empty", hint="say in a few words what you look for")
    if not 1 <= question.count <= RESULTS_MAX:
        raise UsageError(f"{question.count} passages cannot be asked for", hint=f"ask for 1 to {RESULTS_MAX:,}")
    pool = max(POOL, 3 * question.count)
    narrow, values = restriction(question)
    similarity: dict[int, float] = {}
    by_words: Sequence[int] = ()
    embedding_seconds = 0.0
    if question.mode is not Mode.TEXT and index.speaks:
        embedding_began = perf_counter()
        vector = index.embedder.embed([question.text])[0]
        embedding_seconds = perf_counter() - embedding_began
        among = _rows(index, narrow, values) if narrow else None
        rows, cosines = index.nearest(vector, pool, among)
        least = COSINE_MIN if index.embedder.knows_meaning else COSINE_MIN_WORDS
        similarity = {int(row): float(cosine) for row, cosine in zip(rows, cosines, strict=True) if cosine > least}
    if question.mode is not Mode.VECTORS:
        by_words = _by_words(index, question.text, narrow, values, pool)
    weight = VECTOR_WEIGHT if index.embedder.knows_meaning else VECTOR_WEIGHT_WORDS
    scores = fused(((1.0, by_words), (weight, list(similarity))))
    best = sorted(scores, key=lambda row: (-scores[row], row))[: question.count]
    passages = _passages(index, best, scores, similarity)
    used = index.embedder.name if question.mode is not Mode.TEXT and index.speaks else ""
    return Answer(
        passages, used, bool(used) and index.embedder.knows_meaning, notice(index, question.mode), index.passages(),
        perf_counter() - began, embedding_seconds,
    )  # fmt: skip


def notice(index: Index, mode: Mode = Mode.HYBRID) -> str:
    """What an answer must say of itself: empty where it rests on all that is known and, unless only words were asked
    for, on meaning."""
    return "; ".join(one for one in (_missing(index), _meaningless(index, mode)) if one)


def _missing(index: Index) -> str:
    folders = index.unread()
    if not folders:
        return ""
    more = f" and {len(folders) - 1} more folders" if len(folders) > 1 else ""
    return f"the index was made anew and lacks `{folders[0] or '.'}`{more}: `tarscli memory index` reads them again"


def _meaningless(index: Index, mode: Mode) -> str:
    if mode is Mode.TEXT or (index.speaks and index.embedder.knows_meaning):
        return ""
    hint = EMBEDDERS.load(DEFAULT).readiness().hint
    if index.speaks:
        return f"no embedding model is installed: only words and their spelling were compared, not meaning ({hint})"
    return f"the index was made with `{index.fact('embedder')}`, which is not here: only words were compared ({hint})"


def fused(rankings: Sequence[tuple[float, Sequence[int]]]) -> dict[int, float]:
    """For each row of the rankings (weight, rows best first) the sum of weight / (softening + rank)."""
    scores: dict[int, float] = {}
    for weight, rows in rankings:
        for rank, row in enumerate(rows, 1):
            scores[row] = scores.get(row, 0.0) + weight / (RANK_SOFTENING + rank)
    return scores


def _by_words(index: Index, text: str, narrow: str, values: Sequence[object], count: int) -> list[int]:
    execute = index.connection.execute
    with database.refusals(index.path):
        match = query(text, lambda word: _frequency(index, word))
        if not match:
            return []
        narrowed = f" AND rowid IN ({narrow})" if narrow else ""
        rows = execute(
            f"SELECT rowid FROM words WHERE words MATCH ?{narrowed} ORDER BY bm25(words, 2.0, 1.0) LIMIT ?",
            (match, *values, count),
        ).fetchall()
    return [row for (row,) in rows]


def _frequency(index: Index, word: str) -> int:
    """In how many passages a word occurs; counting ends where it would be too frequent to weigh anyway."""
    known = index.frequencies.get(word)
    if known is not None:
        return known
    row = index.connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)", (f'"{word}"', POSTINGS_MAX + 1)
    ).fetchone()
    if len(index.frequencies) >= FREQUENCIES_MAX:
        index.frequencies.clear()
    index.frequencies[word] = int(row[0])
    return index.frequencies[word]


def _rows(index: Index, narrow: str, values: Sequence[object]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    with database.refusals(index.path):
        rows = index.connection.execute(narrow, tuple(values)).fetchall()
    return np.sort(np.array([row for (row,) in rows], dtype=np.int64))


def _passages(
    index: Index, rows: Sequence[int], scores: dict[int, float], similarity: dict[int, float]
) -> tuple[Passage, ...]:
    made = []
    files: dict[str, bytes | None] = {}
    for row in rows:
        with database.refusals(index.path):
            found = index.connection.execute(
                "SELECT id, kind, path, first, last, sha256, title, text, time, metadata FROM passages WHERE row = ?",
                (row,),
            ).fetchone()
        if found is None:
            continue  # Another process took it out a moment ago.
        id, kind, path, first, last, digest, title, text, time, metadata = found
        anchor = Anchor(path, first, last, digest)
        if path:
            if path not in files:
                files[path] = _content(index.project, path)
            anchor = checked(anchor, files[path], text)
        shown = text if anchor.state in (State.SAME, State.MOVED) else None
        cosine = similarity.get(row)
        made.append(Passage(id, kind, title, shown, anchor, json.loads(metadata), time, scores[row], cosine))
    return tuple(made)


def checked(anchor: Anchor, content: bytes | None, text: str) -> Anchor:
    """The anchor as it is now: at its lines, at others, or nowhere in the file any more."""
    if content is None:
        return Anchor(anchor.path, anchor.first, anchor.last, anchor.sha256, State.GONE)
    lines = content.split(b"\n")
    here = b"\n".join(lines[anchor.first - 1 : anchor.last])
    if sha256(here).hexdigest() == anchor.sha256:
        return anchor
    at = f"\n{content.decode('utf-8', 'replace')}\n".find(f"\n{text}\n")
    if at < 0:
        return Anchor(anchor.path, anchor.first, anchor.last, anchor.sha256, State.CHANGED)
    first = content.decode("utf-8", "replace").count("\n", 0, at) + 1
    return Anchor(anchor.path, first, first + anchor.last - anchor.first, anchor.sha256, State.MOVED)


def _content(project: Path, path: str) -> bytes | None:
    """The bytes of a regular file of the project; None where it is gone, a link out of it, or no file any more."""
    try:
        place = project / path
        if place.is_symlink() or not place.is_file() or place.stat().st_size > FILE_BYTES_MAX:
            return None
        return place.read_bytes()
    except OSError:
        return None
