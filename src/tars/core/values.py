"""The frozen values that every layer speaks in: places in a text, findings about it, and what a plug-in reports."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can hold."""

Digest = NewType("Digest", str)
"""The blake3 digest of an object's bytes, 64 lower-case hexadecimal digits."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters `[start, end)` in the text of the file at `path` (relative to the project)."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that a diagnostic points at, such as where an unclosed bracket was opened."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters of `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
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


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a plug-in reports of this machine, found by running something on it."""

    ready: bool
    detail: str
    hint: str = ""
