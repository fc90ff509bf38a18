"""Values of the language as the protocol has them: ranges, diagnostics, edits."""

from typing import Final

from lsprotocol import types

from tars.core.values import Severity
from tars.ui.lsp.checking import Found, Spot
from tars.ui.lsp.desk import Desk, Sight
from tars.ui.lsp.documents import Document
from tars.ui.lsp.projects import Project

_SEVERITIES: Final = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


def range_of(document: Document, start: int, end: int) -> types.Range:
    """The range between two offsets."""
    first, last = document.place(start), document.place(end)
    return types.Range(types.Position(*first), types.Position(*last))


def offset_of(sight: Sight, position: types.Position) -> int:
    return sight.document.offset(position.line, position.character)


def diagnostic(desk: Desk, project: Project, document: Document, found: Found) -> types.Diagnostic:
    """A finding as an editor shows it; the hint stands under the message."""
    one = found.diagnostic
    related = [
        types.DiagnosticRelatedInformation(types.Location(desk.uri(project, spot.path), at), info.message)
        for info, spot in zip(one.related, found.related, strict=True)
        if spot is not None and (at := _range(project, spot)) is not None
    ]
    return types.Diagnostic(
        range=_local(document, document.numbers[id(found.spot.piece)], found.spot),
        message=f"{one.message}\n{one.hint}" if one.hint else one.message,
        severity=_SEVERITIES[one.severity],
        code=one.code,
        source="tars",
        related_information=related or None,
    )


def fix_edits(project: Project, found: Found) -> dict[str, list[types.TextEdit]]:
    """The edits that mend a finding, by path; empty where it has none or a place of it is gone."""
    edits: dict[str, list[types.TextEdit]] = {}
    for edit, spot in zip(found.diagnostic.fix, found.fix, strict=True):
        at = _range(project, spot) if spot is not None else None
        if spot is None or at is None:
            return {}
        edits.setdefault(spot.path, []).append(types.TextEdit(at, edit.text))
    return edits


def _range(project: Project, spot: Spot) -> types.Range | None:
    document = project.document(spot.path)
    number = document.numbers.get(id(spot.piece)) if document else None
    return _local(document, number, spot) if document is not None and number is not None else None


def _local(document: Document, number: int, spot: Spot) -> types.Range:
    start = document.place_in(number, spot.start)
    end = document.place_in(number, spot.end) if spot.end <= len(spot.piece.text) else None
    last = end or document.place(document.starts[number] + spot.end)
    return types.Range(types.Position(*start), types.Position(*last))
