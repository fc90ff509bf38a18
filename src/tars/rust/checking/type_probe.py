"""Makes the compiler tell the types of expressions: before each `e` is put `let () = e;`, and the mismatch names it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from tars.rust.syntax.source import SourceFile, apply_changes
from tars.rust.values import Change, Kind, Place, RustDiagnostic

_OPENING = "let () = "
_STATEMENTS = ("expression_statement", "block")
_SAID = "this expression has type `"

Ask = Callable[[Mapping[str, bytes]], Iterable[RustDiagnostic]]
"""What the compiler says of these files."""


def types_of(files: Mapping[str, SourceFile], expressions: Sequence[Place], ask: Ask) -> tuple[str | None, ...]:
    """The types as the compiler prints them; None where it does not tell. Asks once, for expressions within one another
    too, and again only without those that are no expressions."""
    found: dict[Place, str] = {}
    left = set(expressions)
    while left:
        asked, probes = _probing(files, left)
        said = tuple(ask(asked))
        found = _told(said, probes)
        # Where some spoil the rest, only they are given up; else all have been asked.
        left -= (not found and _unfit(said, probes)) or left
    return tuple(found.get(one) for one in expressions)


class _Probe(NamedTuple):
    """Where the probe of an expression stands in the files that are asked about, and the expression's copy in it."""

    of: Place
    copy: Place
    whole: Place


def _probing(files: Mapping[str, SourceFile], expressions: Collection[Place]) -> tuple[dict[str, bytes], list[_Probe]]:
    """The files with the probes in them. What stands within an expression is probed where that itself comes last in its
    own probe; its copy is left as it was."""
    probes: list[_Probe] = []
    asked = {path: file.data for path, file in files.items()}
    for path in sorted({one.path for one in expressions}):
        own = [one for one in expressions if one.path == path]
        # At one place what ends, the inner one first, comes before what begins, the outer one first.
        marks = sorted([(one.end, 0, -one.start, one) for one in own] + [(one.start, 1, -one.end, one) for one in own])
        changes: list[Change] = []
        begun: dict[Place, int] = {}
        shift = 0
        for at, begins, _, one in marks:
            before, after = _brackets(files[path], one)
            text = f"{before}{_OPENING}{files[path].text(one)}; " if begins else after
            changes.append(Change(Place(path, at, at), text))
            if begins:
                begun[one] = at + shift
            shift += len(text.encode())
            if not begins:
                start = begun[one] + len(before) + len(_OPENING)
                copy = Place(path, start, start + one.end - one.start)
                probes.append(_Probe(one, copy, Place(path, begun[one], at + shift)))
        asked[path] = apply_changes(asked[path], iter(changes))
    return asked, probes


def _brackets(file: SourceFile, expression: Place) -> tuple[str, str]:
    """What a probe stands in: a block, in parentheses where it is no statement, for one that begins with a block ends
    with it."""
    node = file.exactly(expression)
    parent = node.parent if node is not None else None
    return ("{ ", " }") if parent is not None and parent.type in _STATEMENTS else ("({ ", " })")


def _told(diagnostics: Iterable[RustDiagnostic], probes: Iterable[_Probe]) -> dict[Place, str]:
    copies = {one.copy: one.of for one in probes}
    found: dict[Place, str] = {}
    for diagnostic in diagnostics:
        for label in diagnostic.labels if diagnostic.code == "E0308" else ():
            said = label.text.partition(_SAID)[2].rpartition("`")[0]
            if said and label.place in copies:
                found[copies[label.place]] = said
    return found


def _unfit(diagnostics: Iterable[RustDiagnostic], probes: Sequence[_Probe]) -> set[Place]:
    """Those that are no expressions where they stand: the text with their probes does not parse, and so nothing is told
    of the others. Of several within one another it is the innermost."""
    wrong = [one.primary for one in diagnostics if one.kind is Kind.SYNTAX and one.primary]
    around = [
        [one for one in probes if one.whole.path == place.path and one.whole.start <= place.start <= one.whole.end]
        for place in wrong
    ]
    return {min(several, key=lambda one: one.whole.end - one.whole.start).of for several in around if several}
