"""Answers of closures in the journal: what is written when one is kept or dropped, and how it is read back."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.values import Json
from tars.memory.values import fault_of_time
from tars.store import Entry, Store

KIND: Final = "answer"
CLOSURE_MAX: Final = 200
QUESTION_MAX: Final = 10_000
ANSWER_BYTES_MAX: Final = 1 << 20
CITES_MAX: Final = 1_000


class Kept(Prefab, frozen=True):
    """An answer that was kept. `cites` are paths and ids of memories, each with the SHA-256 of what it was then; `time`
    is in seconds since 1970."""

    closure: str
    question: str
    answer: Json
    cites: Mapping[str, str]
    time: float

    def as_json(self) -> dict[str, Json]:
        return {
            "closure": self.closure, "question": self.question, "answer": self.answer, "cites": dict(self.cites),
            "time": self.time,
        }  # fmt: skip


def fault_of(said: Mapping[str, Json]) -> str:
    """What is wrong with an answer as `Kept.as_json` has it, in a few words; empty where nothing is."""
    closure, question, cites = said.get("closure"), said.get("question"), said.get("cites", {})
    if not isinstance(closure, str) or not closure.strip() or len(closure) > CLOSURE_MAX:
        return f"its closure must be a text of 1 to {CLOSURE_MAX} characters"
    if not isinstance(question, str) or not question.strip() or len(question) > QUESTION_MAX:
        return f"its question must be a text of 1 to {QUESTION_MAX:,} characters"
    if "answer" not in said:
        return "it has no answer"
    if not isinstance(cites, dict) or len(cites) > CITES_MAX or not all(isinstance(one, str) for one in cites.values()):
        return f"what it cites must be an object of at most {CITES_MAX:,} texts"
    try:
        size = len(json.dumps(said, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, TypeError, RecursionError):
        return "it holds half a character, or what no JSON holds"
    if size > ANSWER_BYTES_MAX:
        return "it is larger than 1 MiB"
    return fault_of_time(said)


def body_of(kept: Mapping[str, Json]) -> dict[str, Json]:
    """What the journal holds of it; the entry's subject is the closure."""
    return {"act": "keep", **{key: value for key, value in kept.items() if key != "closure"}}


def kept_in(entry: Entry) -> Kept | None:
    """The answer that an entry keeps; None where it keeps none."""
    body = entry.body
    if body.get("act") != "keep" or fault_of({**body, "closure": entry.subject}):
        return None
    cites, time = body.get("cites", {}), body.get("time", entry.time)
    assert isinstance(cites, dict)
    assert isinstance(time, int | float)
    return Kept(
        entry.subject, str(body["question"]), body["answer"], {k: str(v) for k, v in cites.items()}, float(time)
    )


def dropped_in(entry: Entry) -> list[int]:
    """The entries whose answers an entry takes out of use."""
    numbers = entry.body.get("entries") if entry.body.get("act") == "drop" else None
    return [number for number in numbers if isinstance(number, int)] if isinstance(numbers, list) else []


def answers(store: Store, *, until: int | None = None, before: float | None = None) -> Iterator[Kept]:
    """The answers in use, oldest first: now, after the entry `until`, or at a time (seconds since 1970)."""
    found: dict[int, Kept] = {}
    for entry in store.entries(kind=KIND):
        if (until is not None and entry.number > until) or (before is not None and entry.time > before):
            break
        kept = kept_in(entry)
        if kept is not None:
            found[entry.number] = kept
        for number in dropped_in(entry):
            found.pop(number, None)
    return iter(found.values())
