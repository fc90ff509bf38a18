"""The frozen values of recall: what is remembered, where it stands, what a question asks for, and what comes back."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import UsageError
from tars.memory.values import fault_of_time

TEXT_MAX: Final = 65_536
"""Characters of one memory; longer texts belong in a file of an indexed folder."""
METADATA_MAX: Final = 64
VALUE_MAX: Final = 1_000
ID_MAX: Final = 200
RESULTS_MAX: Final = 1_000


class Memory(Prefab, frozen=True):
    """A text that somebody added. `metadata` maps keys to texts; `time` is in seconds since 1970."""

    id: str
    text: str
    metadata: Mapping[str, str] = attribute(default_factory=dict)
    time: float = 0.0


class State(StrEnum):
    """What has become of the place that an anchor names since it was read."""

    SAME = "same"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"


class Anchor(Prefab, frozen=True):
    """Where a passage stands: the lines `first` to `last` (from 1, inclusive) of the file at `path`, relative to the
    project, and the SHA-256 of their bytes. For a memory that was added, `path` is empty and the digest its text's."""

    path: str
    first: int
    last: int
    sha256: str
    state: State = State.SAME


class Passage(Prefab, frozen=True):
    """One answer. `text` is None where the file changed so that the text no longer stands at its anchor; `score` only
    orders the answers of one question. `similarity` is the cosine with the question, None where it was not asked."""

    id: str
    kind: str
    title: str
    text: str | None
    anchor: Anchor
    metadata: Mapping[str, str]
    time: float
    score: float
    similarity: float | None = None


class Mode(StrEnum):
    """By what is searched."""

    HYBRID = "hybrid"
    TEXT = "text"
    VECTORS = "vectors"


class Condition(Prefab, frozen=True):
    """`key OP value`; both sides are compared as numbers where both are numbers, else as texts."""

    key: str
    operator: str
    value: str


class Question(Prefab, frozen=True):
    """What is asked. `folder` restricts to paths below it, `since` and `until` (seconds since 1970) to a time."""

    text: str
    count: int = 10
    conditions: tuple[Condition, ...] = ()
    folder: str = ""
    since: float | None = None
    until: float | None = None
    mode: Mode = Mode.HYBRID


class Answer(Prefab, frozen=True):
    """The passages, best first, and by what they were found: `embedder` is empty where no vectors took part, and where
    `knows_meaning` is False only words were compared, of which `notice` tells what to do about it."""

    passages: tuple[Passage, ...]
    embedder: str
    knows_meaning: bool
    notice: str
    passages_searched: int
    seconds: float
    embedding_seconds: float


OPERATORS: Final = ("!=", ">=", "<=", "=")


def condition(text: str) -> Condition:
    """The condition that `key=value`, `key!=value`, `key>=value` or `key<=value` spells. Raises `UsageError`."""
    places = [(text.find(operator), operator) for operator in OPERATORS if operator in text]
    if not places:
        raise UsageError(f"`{text}` is no condition", hint="write `key=value`, or with `!=`, `>=` or `<=`")
    at = min(place for place, _ in places)
    operator = next(operator for place, operator in places if place == at)
    key, value = text[:at].strip(), text[at + len(operator) :].strip()
    if not key:
        raise UsageError(f"`{text}` names no key", hint="write `key=value`")
    return Condition(key, operator, value)


def fault_of(memory: Mapping[str, object]) -> str:
    """What is wrong with a memory as data, in a few words; empty where nothing is."""
    id, text, metadata = memory.get("id"), memory.get("text"), memory.get("metadata", {})
    if not isinstance(id, str) or not 0 < len(id) <= ID_MAX or not id.isprintable() or " " in id:
        return f"its id must be a text of 1 to {ID_MAX} characters without blanks"
    if not isinstance(text, str) or not text.strip() or len(text) > TEXT_MAX:
        return f"its text must have 1 to {TEXT_MAX:,} characters"
    if not isinstance(metadata, dict) or len(metadata) > METADATA_MAX:
        return f"its metadata must be an object of at most {METADATA_MAX} texts"
    for key, value in metadata.items():
        if not isinstance(key, str) or not isinstance(value, str) or len(key) + len(value) > VALUE_MAX or not key:
            return f"its metadata must be texts of at most {VALUE_MAX:,} characters"
    try:
        f"{id}{text}{metadata}".encode()
    except UnicodeEncodeError:
        return "it holds half a character (a lone surrogate)"
    return fault_of_time(memory)
