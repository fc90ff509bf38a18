"""What the compiler's suggestions achieve by themselves: two ways to apply them, to be measured beside the engineer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.rust.checking.checker import Checker
from tars.rust.mending.looks import content_key
from tars.rust.syntax.edits import patched
from tars.rust.values import Applicability, Change, Checked, Place, RustDiagnostic, Suggestion

Files = Mapping[str, bytes]

CARGO_ROUNDS_MAX: Final = 4
"""As often as `cargo fix` asks the compiler again."""
GREEDY_CHECKS_MAX: Final = 200


class Attempt(Prefab, frozen=True):
    """What a baseline made of the files, what the compiler says of them, and how often it was asked."""

    files: Files
    checked: Checked
    probes: int


def machine_applicable(files: Files, checker: Checker) -> Attempt:
    """As `cargo fix --broken-code` does: all suggestions to errors that the compiler calls machine applicable, those
    left out that meet an earlier one, and again on the result.

    rustfix, https://docs.rs/rustfix/latest/rustfix, applies all spans of one suggestion or none.
    """
    checked, probes = checker.check(files), 1
    for _ in range(CARGO_ROUNDS_MAX):
        changes = list(_applicable(checked.errors))
        if checked.ok or not changes:
            break
        try:
            files = patched(files, changes)
        except ValueError:
            break
        checked, probes = checker.check(files), probes + 1
    return Attempt(files, checked, probes)


def every_suggestion(files: Files, checker: Checker) -> Attempt:
    """Every suggestion of the compiler, whatever it thinks of it, tried alone and kept where fewer errors are left;
    then all that it suggests for the result, until nothing is gained."""
    checked, probes = checker.check(files), 1
    seen = {content_key(files)}
    waiting = _suggested(checked)
    while waiting and not checked.ok and probes < GREEDY_CHECKS_MAX:
        tried = _with(files, waiting.pop(0))
        if tried is None or content_key(tried) in seen:
            continue
        seen.add(content_key(tried))
        after, probes = checker.check(tried), probes + 1
        if after.ok or (not after.detail and len(after.errors) < len(checked.errors)):
            files, checked = tried, after
            waiting = _suggested(checked)
    return Attempt(files, checked, probes)


def _suggested(checked: Checked) -> list[Suggestion]:
    return [one for error in checked.errors for one in error.suggestions]


def _with(files: Files, suggestion: Suggestion) -> Files | None:
    try:
        return patched(files, suggestion.changes)
    except ValueError:
        return None


def _applicable(errors: Sequence[RustDiagnostic]) -> Iterator[Change]:
    taken: list[Place] = []
    for error in errors:
        parts: set[Change] = set()
        for suggestion in error.suggestions:
            if suggestion.applicability is not Applicability.MACHINE or parts >= set(suggestion.changes):
                continue
            # The whole of a suggestion of several parts comes before its parts, which are read as alternatives.
            parts |= set(suggestion.changes)
            places = [change.place for change in suggestion.changes]
            if any(_meet(place, other) for place in places for other in taken):
                continue
            taken += places
            yield from suggestion.changes


def _meet(one: Place, other: Place) -> bool:
    return one.path == other.path and (one == other or (one.start < other.end and other.start < one.end))
