"""The findings of open metascripts, by the checks of `tarscli check`: of the whole, or of what an edit touches.

Findings are kept with the piece of text that they are in, so that those of other pieces stay right while one is edited.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Final, NamedTuple

from tars.core.errors import TarsError
from tars.core.values import Diagnostic, Span
from tars.lang.syntax.pieces import Change, Piece
from tars.lang.values import Loaded
from tars.store import open_store
from tars.ui.cli.meaning import load_file
from tars.ui.cli.project import STATE
from tars.ui.lsp.closure import touched
from tars.ui.lsp.documents import Document
from tars.ui.lsp.projects import Project

SMALL_CHARACTERS: Final = 20_000
"""A metascript that is not larger, with its includes, is checked as a whole at every edit: that takes about 20 ms."""


class Spot(NamedTuple):
    """A place in a piece of the document at `path`: offsets in the piece's text."""

    path: str
    piece: Piece
    start: int
    end: int


class Found(NamedTuple):
    """A finding where it is now: `related` and `fix` hold the places of the diagnostic's, in the same order."""

    diagnostic: Diagnostic
    spot: Spot
    related: tuple[Spot | None, ...]
    fix: tuple[Spot | None, ...]


class Checked:
    """The findings of one metascript and all that it includes."""

    def __init__(self) -> None:
        self.found: dict[str, dict[Piece, list[Found]]] = {}
        self.general: list[Diagnostic] = []
        """Findings that are in no place."""

    def paths(self) -> set[str]:
        return set(self.found)

    def take(self, findings: Iterable[Found], instead: Mapping[str, Iterable[Piece]]) -> None:
        """Put the findings in the place of all that there were in the pieces of `instead`."""
        for path, pieces in instead.items():
            held = self.found.get(path, {})
            for piece in pieces:
                held.pop(piece, None)
        for one in findings:
            self.found.setdefault(one.spot.path, {}).setdefault(one.spot.piece, []).append(one)


def examine(project: Project, path: str, texts: Mapping[str, str]) -> Loaded:
    """What `tarscli check` finds, with the texts instead of what is on the disk."""
    state = project.root / STATE
    has_pins = any("use_" in text for text in texts.values())
    try:
        with open_store(state) if has_pins and state.is_dir() else nullcontext() as store:
            return load_file(project.root / path, project.root, store, check_pins=has_pins, texts=texts)
    except TarsError:  # a store that cannot be opened is told by every other command
        return load_file(project.root / path, project.root, texts=texts)


def is_small(project: Project, path: str) -> bool:
    """Whether the metascript can be checked as a whole without a pause."""
    total = 0
    for each in project.reach(path):
        document = project.document(each)
        total += document.starts[-1] if document else 0
    return total <= SMALL_CHARACTERS


def check_whole(project: Project, path: str) -> Checked:
    """All findings of the metascript at a path."""
    return placed(project, examine(project, path, project.texts()))


def placed(project: Project, loaded: Loaded) -> Checked:
    """The findings of a load whose texts are still those of the documents, each in its piece."""
    checked = Checked()
    texts = {path: _whole(document) for path in loaded.texts if (document := project.document(path))}
    texts |= {path: _whole(document) for path, document in project.open.items() if path not in texts}
    for diagnostic in loaded.diagnostics:
        found = _found(diagnostic, texts)
        if found is None:
            checked.general.append(diagnostic)
        else:
            checked.take([found], {})
    for path in loaded.texts:
        checked.found.setdefault(path, {})
    return checked


def recheck(project: Project, path: str, changes: Mapping[str, Change], checked: Checked) -> bool:
    """Check again what the changes touch, and put the findings into `checked`.

    Returns False where that is not sure to be all: they touch too much, or braces do not balance.
    """
    for changed, change in changes.items():
        checked.take((), {changed: change.removed})
    chosen, is_all = touched(project, path, changes)
    texts: dict[str, str] = {}
    parts: dict[str, _Text] = {}
    for each in project.reach(path):
        document = project.document(each)
        if document is None:
            continue
        numbers = document.numbers
        kept = [piece for piece in chosen.get(each, ()) if id(piece) in numbers]
        pieces = sorted(kept, key=lambda piece: numbers[id(piece)])
        parts[each] = _Text(pieces)
        texts[each] = parts[each].text
        is_all = is_all and document.is_balanced
    loaded = examine(project, path, texts)
    findings = [found for one in loaded.diagnostics if (found := _found(one, parts)) is not None]
    checked.take(findings, chosen)
    return is_all


def tell_errors(path: str, pieces: Iterable[Piece], checked: Checked) -> None:
    """Put the syntax errors of pieces of which nothing is told yet into `checked`."""
    known = checked.found.setdefault(path, {})
    for piece in pieces:
        if piece.diagnostics and piece not in known:
            known[piece] = [_of_piece(path, piece, one) for one in piece.diagnostics if one.span is not None]


def _of_piece(path: str, piece: Piece, one: Diagnostic) -> Found:
    def spot(span: Span) -> Spot | None:
        start, end = span.start - piece.origin, span.end - piece.origin
        return Spot(path, piece, start, end) if 0 <= start <= end <= len(piece.text) else None

    assert one.span is not None
    at = spot(one.span) or Spot(path, piece, 0, 0)
    related = tuple([spot(each.span) for each in one.related])
    return Found(one, at, related, tuple([spot(edit.span) for edit in one.fix]))


class _Text:
    """Some pieces one after the other, and where each begins."""

    __slots__ = ("pieces", "starts", "text")

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.text = "".join([piece.text for piece in pieces])
        self.starts: list[int] = []
        at = 0
        for piece in pieces:
            self.starts.append(at)
            at += len(piece.text)

    def spot(self, span: Span) -> Spot | None:
        if not self.pieces:
            return None
        number = max(bisect_right(self.starts, span.start) - 1, 0)
        base = self.starts[number]
        return Spot(span.path, self.pieces[number], span.start - base, span.end - base)


def _whole(document: Document) -> _Text:
    whole = _Text.__new__(_Text)
    whole.pieces, whole.starts, whole.text = document.pieces, document.starts[:-1], ""
    return whole


def _found(diagnostic: Diagnostic, texts: Mapping[str, _Text]) -> Found | None:
    def spot(span: Span | None) -> Spot | None:
        text = texts.get(span.path) if span else None
        return text.spot(span) if text and span else None

    at = spot(diagnostic.span)
    if at is None:
        return None
    related = tuple([spot(one.span) for one in diagnostic.related])
    return Found(diagnostic, at, related, tuple([spot(edit.span) for edit in diagnostic.fix]))
