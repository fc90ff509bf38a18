"""The frozen values that every layer speaks in: places in a text, findings about it, and what a plug-in reports."""

from enum import StrEnum
from typing import Any, NewType, TypeAlias

from ducktools.classbuilder.prefab import Prefab, get_attributes, is_prefab

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can hold."""

Digest = NewType("Digest", str)
"""The blake3 digest of an object's bytes, 64 lower-case hexadecimal digits."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Span(Prefab, frozen=True):
    """A half-open range of characters `[start, end)` in the text of the file at `path` (relative to the project)."""

    path: str
    start: int
    end: int


class Related(Prefab, frozen=True):
    """A second place that a diagnostic points at, such as where an unclosed bracket was opened."""

    span: Span
    message: str


class Edit(Prefab, frozen=True):
    """Replace the characters of `span` by `text`."""

    span: Span
    text: str


class Diagnostic(Prefab, frozen=True):
    """A finding about the user's input: what is wrong, where, and in `hint` how to mend it.

    `fix` holds edits that a tool may apply to mend it; empty where there is no single safe mend.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    hint: str = ""
    related: tuple[Related, ...] = ()
    fix: tuple[Edit, ...] = ()


class Readiness(Prefab, frozen=True):
    """What a plug-in reports of this machine, found by running something on it."""

    ready: bool
    detail: str
    hint: str = ""


def as_dict(value: Any) -> dict[str, Any]:
    """The fields of a value by name, values within it as dicts likewise, tuples as lists."""
    return {name: _plain(getattr(value, name)) for name in get_attributes(type(value))}


def _plain(value: Any) -> Any:
    if is_prefab(value):
        return as_dict(value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value
