"""Turns a model's answer into a value that fits a schema, or says where it does not; no engine's promise is believed.

In this order: thoughts and fences are taken off, the first value that stands in the text is read (strictly, then
leniently), its keys are spelt as the schema has them, and the schema is enforced.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.core.near import close_matches
from tars.core.schemas import compiled
from tars.core.values import Json
from tars.infer.errors import AnswerError
from tars.infer.lenient import DEPTH_MAX, MENDS_MAX, Lenient, MalformedError

CHARACTERS_MAX: Final = 2_000_000
STARTS_MAX: Final = 40
"""At how many brackets of the text a value is looked for."""
_THOUGHT_END: Final = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_FENCED: Final = re.compile(
    r"```[ \t]*(?:json[c5]?|javascript|js)?[ \t]*\r?\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE
)
_START: Final = re.compile(r"[{\[]")
_KEY_DISTANCE_MAX: Final = 2
_LEVELS_MAX: Final = 70


class Answer(Prefab, frozen=True):
    """A value that fits the schema, and what had to be mended to get it."""

    value: Json
    mends: tuple[str, ...] = ()


def read_answer(text: str, schema: Mapping[str, Any]) -> Answer:
    """The answer in a model's text. Raises `AnswerError`, with its place, where there is none that fits the schema.

    Of several values in the text the first one that fits counts.
    """
    if len(text) > CHARACTERS_MAX:
        raise AnswerError(
            f"the answer has {len(text)} characters, at most {CHARACTERS_MAX} are read", "line 1, column 1"
        )
    fault: AnswerError | None = None
    for start, value, mends in _values(text):
        for candidate, around in _wrapped(value):
            spelt, spellings = fit(candidate, schema)
            error = _misfit(spelt, schema)
            if error is None:
                return Answer(spelt, (*mends, *around, *spellings)[:MENDS_MAX])
            fault = fault or AnswerError(error.reason, f"{_place(text, start)}, {error.place}")
    raise fault or _no_value(text)


def fit(value: Json, schema: Mapping[str, Any], level: int = 0) -> tuple[Json, tuple[str, ...]]:
    """The value with its keys spelt as the schema's, unknown keys left out where the schema allows none, and numbers
    and truth values that were written as strings taken for what they are; and what was changed."""
    if level > _LEVELS_MAX:
        return value, ()
    kind = schema.get("type")
    if kind == "object" and isinstance(value, list):
        lists = [key for key, one in schema.get("properties", {}).items() if one.get("type") == "array"]
        if len(lists) == 1:
            inner, changes = fit({lists[0]: value}, schema, level + 1)
            return inner, (f"a list for an object with `{lists[0]}`", *changes)
    if kind == "object" and isinstance(value, dict):
        return _fit_object(value, schema, level)
    if kind == "array" and isinstance(value, dict):
        inner, changes = fit([value], schema, level + 1)
        return inner, ("one value for a list", *changes)
    if kind == "array" and isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        fitted = [fit(one, schema["items"], level + 1) for one in value]
        return [one for one, _ in fitted], tuple(dict.fromkeys(change for _, changes in fitted for change in changes))
    if isinstance(value, str) and kind in ("integer", "number", "boolean"):
        return _unquoted(value, kind)
    if isinstance(value, float) and kind == "integer" and value.is_integer():
        return int(value), ("a fraction for an integer",)
    return value, ()


def _values(text: str) -> Iterator[tuple[int, Json, tuple[str, ...]]]:
    """The values in the text, likeliest first, each with its place and what was mended. A value that is cut off hides
    those within it: they are parts of an answer, and no answer."""
    seen: set[int] = set()
    for begin, end in _regions(text):
        part, at = text[begin:end], 0
        for _ in range(STARTS_MAX):
            found = _START.search(part, at)
            if found is None:
                break
            at = found.start()
            try:
                value, after, mends = _read(part, at)
            except MalformedError as error:
                if error.cut:
                    break
                at += 1
                continue
            if begin + at not in seen:
                yield begin + at, value, mends
            seen.add(begin + at)
            at = after


def _wrapped(value: Json) -> Iterator[tuple[Json, tuple[str, ...]]]:
    """The value itself, then what it may be a wrapping of: a call of a tool with the answer as its arguments."""
    yield value, ()
    for key, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, str) and inner.lstrip().startswith(("{", "[")):
            with suppress(MalformedError):
                inner = _read(inner, len(inner) - len(inner.lstrip()))[0]
        if isinstance(inner, dict | list):
            yield inner, (f"the answer within `{key}`",)


def _read(part: str, at: int) -> tuple[Json, int, tuple[str, ...]]:
    """The value that begins there, where it ends, and what was mended; strictly read where that is possible."""
    try:
        value, after = json.JSONDecoder().raw_decode(part, at)
        if _is_clean(value) and not _is_deep(value):
            return value, after, ()
    except (ValueError, RecursionError):
        pass
    reader = Lenient(part, at)
    value = reader.value()
    return value, reader.at, tuple(reader.mends)


def _regions(text: str) -> Iterator[tuple[int, int]]:
    """Where in the text the answer may stand: in fences after all thoughts, anywhere after them, then anywhere."""
    after = max((one.end() for one in _THOUGHT_END.finditer(text)), default=0)
    for fence in _FENCED.finditer(text, after):
        yield fence.span(1)
    yield after, len(text)
    if after:
        yield 0, len(text)


def _fit_object(value: dict[str, Json], schema: Mapping[str, Any], level: int) -> tuple[Json, tuple[str, ...]]:
    known: Mapping[str, Any] = schema.get("properties", {})
    found: dict[str, Json] = {}
    notes: list[str] = []
    for key, one in value.items():
        name = key if key in known else _spelt(key, known, value)
        if name is None and schema.get("additionalProperties") is False:
            notes.append(f"`{key}` left out")
            continue
        if name is not None and name != key:
            notes.append(f"`{key}` for `{name}`")
        fitted, inner_notes = fit(one, known.get(name or key, {}), level + 1)
        found[name or key] = fitted
        notes += inner_notes
    return found, tuple(dict.fromkeys(notes))


def _spelt(key: str, known: Mapping[str, Any], beside: Mapping[str, Json]) -> str | None:
    """The one key of the schema that this one stands for, or None."""
    free = [name for name in known if name not in beside]
    bare = {_bare(name): name for name in free}
    if _bare(key) in bare:
        return bare[_bare(key)]
    near = [
        one
        for one in close_matches(_bare(key), bare, n=2, cutoff=0.75)
        if _distance(_bare(key), one) <= _KEY_DISTANCE_MAX
    ]
    return bare[near[0]] if len(near) == 1 and len(key) > 3 else None


def _bare(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _distance(one: str, other: str) -> int:
    """How many letters must be changed, left out or put in (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        above, row[0] = row[0], number
        for at, theirs in enumerate(other, 1):
            above, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, above + (letter != theirs))
    return row[-1]


def _unquoted(value: str, kind: str) -> tuple[Json, tuple[str, ...]]:
    text = value.strip()
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true", ("a truth value in quotes",)
    if kind == "integer" and re.fullmatch(r"-?\d{1,18}", text):
        return int(text), ("a number in quotes",)
    if kind == "number" and re.fullmatch(r"-?\d{1,18}(?:\.\d{1,18})?", text):
        return float(text), ("a number in quotes",)
    return value, ()


def _misfit(value: Json, schema: Mapping[str, Any]) -> AnswerError | None:
    """Where the value does not fit the schema, the first place, or None. Raises `UsageError` for what is no schema, and
    for one that refers to another: nothing is ever fetched."""
    try:
        validator = compiled(dict(schema))
    except ValueError as error:
        raise UsageError(
            f"the schema for the answer cannot be used: {error}",
            hint="mend it; what it refers to belongs into it, under `$defs`",
        ) from error
    fault = next(iter(validator.iter_errors(value)), None)
    if fault is None:
        return None
    path = "".join(f"/{step}" for step in fault.instance_path)
    return AnswerError(" ".join(str(fault.message).split())[:300], path or "/")


def _is_clean(value: object) -> bool:
    """Whether what Python's reader accepted is JSON: it also takes NaN, and halves of characters."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def _is_deep(value: Json) -> bool:
    """Whether it has more levels than are read: those that check and keep it have limits of their own."""
    level: list[Json] = [value]
    for _ in range(DEPTH_MAX + 1):
        inner: list[Json] = []
        for one in level:
            inner += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        if not inner:
            return False
        level = inner
    return True


def _no_value(text: str) -> AnswerError:
    """What is wrong at the likeliest place."""
    for start, end in _regions(text):
        found = _START.search(text, start, end)
        if found is not None:
            reader = Lenient(text[start:end], found.start() - start)
            try:
                reader.value()
            except MalformedError as error:
                return AnswerError(error.reason, _place(text, start + error.at))
    return AnswerError("there is no JSON in the answer" if text.strip() else "the answer is empty", _place(text, 0))


def _place(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    return f"line {line}, column {at - (text.rfind(chr(10), 0, at) + 1) + 1}"
