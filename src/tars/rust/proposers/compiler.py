"""What the compiler and clippy themselves suggest, whatever trust they put in it."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ducktools.classbuilder.prefab import replace

from tars.rust.mending.context import Workbench
from tars.rust.mending.proposer import Proposer
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Applicability, Change, Kind, Patch, Place, RustDiagnostic, Suggestion

_CONFIDENCE = {
    Applicability.MACHINE: 0.9,
    Applicability.MAYBE: 0.5,
    Applicability.UNSPECIFIED: 0.4,
    Applicability.PLACEHOLDERS: 0.25,
}
_MEASURED = (
    (re.compile(r"clon(e|ing)"), 0.5),
    (re.compile(r"panic if"), 0.3),
    (re.compile(r"iterating over a slice|importing this|annotating `"), 0.7),
    (re.compile(r"is implemented but not in scope"), 0.7),
    (re.compile(r"perhaps you intended to use this type"), 0.4),
    (re.compile(r"restricting type parameter"), 0.6),
    (re.compile(r"explicitly ignore the parameter name"), 0.3),
)
"""How often suggestions of these words were right, where that is far from what the compiler says of them: a clone
builds and is seldom what was meant. Counted on the error index and on mended programs; see `docs/log.md`."""
_RESULT = re.compile(r"adding a (return type)|using a semicolon")
_HOLE = re.compile(r"/\* [^*]* \*/|<(?:item|stripped)>|\{ \.\. \}|vec!\[\.\.\]")
"""Where something is to be filled in, as the compiler and as clippy mark it."""
_PRELUDE = re.compile(r"\b(?:core|std)::prelude::(?:v1|rust_\d+)::")
"""Without `std` the compiler names with it what is in scope anyway."""
_PART = 0.15
"""How likely a part of a suggestion is right alone, compared with the whole: the compiler does not say which it is."""


class Compiler:
    """Each suggestion as a patch; those with holes that nothing tells how to fill are left out."""

    name = "compiler"
    stage = 0

    def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
        found = [patch for one in diagnostic.suggestions if (patch := _patch(one, diagnostic, bench)) is not None]
        yield from sorted(found, key=lambda patch: -patch.confidence)


def _patch(one: Suggestion, diagnostic: RustDiagnostic, bench: Workbench) -> Patch | None:
    if any(change.place.path not in bench.files or _HOLE.search(change.text) for change in one.changes):
        return None
    if all(bench.files[change.place.path].text(change.place) == change.text for change in one.changes):
        return None
    confidence = next((chance for words, chance in _MEASURED if words.search(one.message)), None)
    confidence = confidence or _CONFIDENCE[one.applicability]
    if "cannot find value" in diagnostic.message and "intended to use this type" in one.message:
        # A type is no value, whatever its name.
        confidence = _PART
    if "for equality" in one.message and any(_is_before_negation(change, bench) for change in one.changes):
        # Of `=!` it would make `==!`.
        confidence = _PART
    about = _RESULT.search(one.message)
    if about is not None and any("unit type `()`" in other.message for other in bench.diagnostics):
        # What is returned is used, so it was not meant to be thrown away.
        confidence = 0.95 if about[1] else _PART
    if any(len(other.changes) > 1 and set(one.changes) < set(other.changes) for other in diagnostic.suggestions):
        if diagnostic.kind is Kind.LINT:
            return None  # The half that only removes something may silence a lint too.
        confidence *= _PART
    reason = one.message.rstrip(":").strip()
    changes = tuple(replace(change, text=_PRELUDE.sub("", change.text)) for change in one.changes)
    whole = tuple(_whole_line(change, bench.files[change.place.path]) for change in changes)
    changes = whole if _apart(whole) else changes
    return Patch(changes, f"the compiler suggests: {_PRELUDE.sub('', reason)}", confidence, "compiler")


def _whole_line(change: Change, file: SourceFile) -> Change:
    """The deletion of all that stands on a line takes the line with it; every other change is as it is."""
    place = change.place
    start, end = file.line_start(place.start), file.line_end(place.end)
    around = file.data[start : place.start] + file.data[place.end : end]
    if change.text or place.start == place.end or around.strip() or end >= len(file.data):
        return change
    if start == place.start and file.data[place.end - 1 : place.end] == b"\n":
        return change  # it has its line break already
    return Change(Place(place.path, start, end + 1), "")


def _apart(changes: Sequence[Change]) -> bool:
    """Whether no two of the changes share a byte, or a place to put something in."""
    places = sorted(change.place for change in changes)
    return all(one.path != other.path or one.end < other.start for one, other in pairwise(places))


def _is_before_negation(change: Change, bench: Workbench) -> bool:
    at = change.place.end
    return bench.files[change.place.path].data[at : at + 1] == b"!"


PLUGIN: Proposer = Compiler()
