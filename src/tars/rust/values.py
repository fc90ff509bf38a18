"""The frozen values of the Rust engineer: what the compiler said, and what could be changed because of it.

All places are counted in bytes, as the compiler counts them, in files whose paths are relative to the root of the
workspace that is mended (for a lone file: its folder), with `/` between folders.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NewType

from ducktools.classbuilder.prefab import Prefab, attribute

Sha256 = NewType("Sha256", str)
"""The sha256 of cited bytes, 64 lower-case hexadecimal digits."""


class Kind(StrEnum):
    """The classes of diagnostics."""

    SYNTAX = "syntax"
    RESOLVE = "resolve"
    VISIBILITY = "visibility"
    TYPE = "type"
    TRAIT = "trait"
    MOVE = "move"
    BORROW = "borrow"
    LIFETIME = "lifetime"
    LINT = "lint"
    OTHER = "other"


class Applicability(StrEnum):
    """How sure the compiler is of a suggestion, in its own words."""

    MACHINE = "MachineApplicable"
    MAYBE = "MaybeIncorrect"
    PLACEHOLDERS = "HasPlaceholders"
    UNSPECIFIED = "Unspecified"


class Place(Prefab, frozen=True, order=True):
    """The bytes `[start, end)` of the file at `path`."""

    path: str
    start: int
    end: int


class Label(Prefab, frozen=True):
    """A place that a diagnostic points at, and what it says of it."""

    place: Place
    text: str
    primary: bool


class Change(Prefab, frozen=True):
    """Replace the bytes of `place` by `text`. An insertion has an empty place, a deletion an empty text."""

    place: Place
    text: str


class Suggestion(Prefab, frozen=True):
    """One change that the compiler proposes; each alternative, and each reading of a flattened list, is one."""

    message: str
    changes: tuple[Change, ...]
    applicability: Applicability


class Note(Prefab, frozen=True):
    """A note, help or warning below a diagnostic; definitions are often pointed at only here."""

    level: str
    message: str
    labels: tuple[Label, ...] = ()


class RustDiagnostic(Prefab, frozen=True):
    """A compiler message, normalised. `code` is `E0382`, a lint's name (`unused_variables`, `clippy::needless_return`),
    or empty; `level` is `error` or `warning`; `rendered` is the compiler's own text for people."""

    code: str
    level: str
    kind: Kind
    message: str
    labels: tuple[Label, ...] = ()
    notes: tuple[Note, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    rendered: str = ""

    @property
    def primary(self) -> Place | None:
        """The place of the first primary label."""
        return next((label.place for label in self.labels if label.primary), None)

    def all_labels(self) -> Iterator[Label]:
        """Its own labels, then those of its notes."""
        yield from self.labels
        for note in self.notes:
            yield from note.labels


class Anchor(Prefab, frozen=True):
    """A citation that cannot rot: the bytes `[start, end)` of the document `source`, whose sha256 is `digest`.

    `source` names a document below the toolchain's own documentation (`docs:error_codes/E0382.html`,
    `docs:reference/items/traits.html`) or a file of the workspace (`code:src/lib.rs`).
    """

    digest: Sha256
    source: str
    start: int
    end: int


class Patch(Prefab, frozen=True):
    """A change to one or more files, not yet bound to their bytes.

    `confidence` in (0, 1) is how likely its author thinks that it is right. `citations` are the documents that justify
    it, as `Anchor.source` has them, with an optional `#fragment`; they become anchors where they are shown.
    """

    changes: tuple[Change, ...]
    reason: str
    confidence: float
    producer: str = ""
    """Who proposed it: `compiler`, `rule:e0382_clone`, `memory`, `model`."""
    citations: tuple[str, ...] = ()
    risk: str = ""
    """Where it does what a guard refuses unless asked (`unsafe`): the guard's name."""


class Checked(Prefab, frozen=True):
    """What a check of the whole workspace found: its diagnostics, errors first, and whether it built."""

    ok: bool
    diagnostics: tuple[RustDiagnostic, ...] = ()
    seconds: float = 0.0
    detail: str = ""
    """Where nothing could be checked at all (no manifest, a missing dependency): why, in the tool's own words."""

    @property
    def errors(self) -> tuple[RustDiagnostic, ...]:
        return tuple(one for one in self.diagnostics if one.level == "error")

    @property
    def builds(self) -> bool:
        """Whether it builds: what clippy denies is no error of the compiler's."""
        return self.ok or (bool(self.errors) and all(one.code.startswith("clippy::") for one in self.errors))


class Tested(Prefab, frozen=True):
    """What a test run found. `ok` also where there is no test; `passed` and `failed` hold the tests' full names."""

    ok: bool
    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    seconds: float = 0.0
    detail: str = ""
    """Where nothing could be run: why; else the end of the failing tests' output."""


class Example(Prefab, frozen=True):
    """A rule's own test: `broken` has the diagnostic, the rule turns it into `fixed`, which builds.

    Both are whole files, checked with `rustc --edition EDITION --crate-type lib` (`bin` where there is a `main`).
    """

    broken: str
    fixed: str
    edition: str = "2021"
    files: Mapping[str, str] = attribute(default_factory=dict)
    """Further files of the crate, unchanged."""
