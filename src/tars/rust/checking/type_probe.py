"""Makes the compiler tell the types of expressions: before each `e` is put `let () = e;`, and the mismatch names it."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from tars.rust.syntax.source import SourceFile, apply_changes
from tars.rust.values import Change, Kind, Place, RustDiagnostic

_OPENING = "{ let () = "
_CLOSING = " }"
_SAID = "this expression has type `"

Ask = Callable[[Mapping[str, bytes]], Iterable[RustDiagnostic]]
"""What the compiler says of these files."""


def types_of(files: Mapping[str, SourceFile], expressions: Sequence[Place], ask: Ask) -> tuple[str | None, ...]:
    """The types as the compiler prints them; None where it does not tell. Asks once, or once for each depth where
    expressions stand within one another, and again without those that are no expressions."""
    found: dict[Place, str] = {}
    left = sorted(dict.fromkeys(expressions), key=lambda one: (one.path, one.start, -one.end))
    while left:
        layer = [one for index, one in enumerate(left) if not any(_within(one, other) for other in left[:index])]
        asked, copies = _probing(files, layer)
        said = tuple(ask(asked))
        told = _told(said, copies)
        found |= told
        # Where some spoil the rest, only they are given up; else the whole layer has been asked.
        done = (not told and _unfit(said, copies)) or set(layer)
        left = [one for one in left if one not in done]
    return tuple(found.get(one) for one in expressions)


def _probing(
    files: Mapping[str, SourceFile], expressions: Sequence[Place]
) -> tuple[dict[str, bytes], dict[Place, Place]]:
    """The files with the probes in them, and where each expression's copy stands in them."""
    copies: dict[Place, Place] = {}
    changes: dict[str, list[Change]] = {}
    shifts: dict[str, int] = {}
    for one in expressions:
        text = files[one.path].text(one)
        shift = shifts.get(one.path, 0)
        start = one.start + shift + len(_OPENING)
        copies[Place(one.path, start, start + one.end - one.start)] = one
        here = changes.setdefault(one.path, [])
        here.append(Change(Place(one.path, one.start, one.start), f"{_OPENING}{text}; "))
        here.append(Change(Place(one.path, one.end, one.end), _CLOSING))
        shifts[one.path] = shift + len(_OPENING) + one.end - one.start + len("; ") + len(_CLOSING)
    asked = {path: file.data for path, file in files.items()}
    asked |= {path: apply_changes(asked[path], iter(here)) for path, here in changes.items()}
    return asked, copies


def _told(diagnostics: Iterable[RustDiagnostic], copies: Mapping[Place, Place]) -> dict[Place, str]:
    found: dict[Place, str] = {}
    for diagnostic in diagnostics:
        for label in diagnostic.labels if diagnostic.code == "E0308" else ():
            said = label.text.partition(_SAID)[2].rpartition("`")[0]
            if said and label.place in copies:
                found[copies[label.place]] = said
    return found


def _unfit(diagnostics: Iterable[RustDiagnostic], copies: Mapping[Place, Place]) -> set[Place]:
    """Those that are no expressions where they stand: the text with their probes does not parse, and so nothing is told
    of the others."""
    wrong = [one.primary for one in diagnostics if one.kind is Kind.SYNTAX and one.primary]
    return {
        of
        for copy, of in copies.items()
        for place in wrong
        if copy.path == place.path and copy.start - len(_OPENING) <= place.start <= _end(copy)
    }


def _end(copy: Place) -> int:
    """Where the probe ends whose copy of the expression stands there: the expression itself comes last in it."""
    return copy.end + len("; ") + (copy.end - copy.start) + len(_CLOSING)


def _within(inner: Place, outer: Place) -> bool:
    return inner.path == outer.path and outer.start <= inner.start and inner.end <= outer.end
