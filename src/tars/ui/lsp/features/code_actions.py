"""Mends: the edits that findings bring with them, the nearest known name, and what is likely by the finding's code."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.checking import Found
from tars.ui.lsp.convert import diagnostic, fix_edits, range_of
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.mends import Mend, Place, mends_for

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_CODE_ACTION
_FIX_ALL: Final = types.CodeActionKind.SourceFixAll
OPTIONS: Final = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, _FIX_ALL])
_MEANT: Final = re.compile(r"did you mean (?:`(?P<name>[^`]+)`|\"(?P<text>[^\"]+)\")\?")
_WRITE: Final = re.compile(r"write (?P<value>true|false) without quotes|write (?P<quoted>\"[^\"]+\")\Z")
_OWN: Final = frozenset({"T0066", "T0067"})
"""Findings that are told of more than the misspelt name."""


def answer(server: "Server", params: types.CodeActionParams) -> list[types.CodeAction]:
    server.check_changed()
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    only = params.context.only
    actions = []
    if only is not None and _is_asked(_FIX_ALL, only):
        actions += _all(server, sight)
    if only is not None and not _is_asked(types.CodeActionKind.QuickFix, only):
        return actions
    document = sight.document
    first = document.offset(params.range.start.line, 0)
    last = (
        document.offset(params.range.end.line + 1, 0)
        if params.range.end.line < document.first_lines[-1]
        else document.starts[-1]
    )
    for found in server.desk.findings(sight.project, sight.path):
        base = document.piece_start(found.spot.piece)
        if not first <= base + found.spot.start <= last:
            continue
        for number, (title, edit) in enumerate(_mends(server, sight, found, base)):
            shown = diagnostic(server.desk, sight.project, document, found)
            kind = types.CodeActionKind.QuickFix
            actions.append(types.CodeAction(title, kind, [shown], is_preferred=number == 0, edit=edit))
    return actions


def _is_asked(kind: types.CodeActionKind, only: Sequence[types.CodeActionKind | str]) -> bool:
    """Whether an editor that asks for these kinds asks for this one: `source` is for `source.fixAll` too."""
    asked = [str(getattr(one, "value", one)) for one in only]
    return any(
        kind.value == one or kind.value.startswith(f"{one}.") or one.startswith(f"{kind.value}.") for one in asked
    )


def _all(server: "Server", sight: Sight) -> list[types.CodeAction]:
    """The likeliest mend of every finding of the file that has one, where they do not touch each other."""
    uri = server.desk.uri(sight.project, sight.path)
    chosen: list[types.TextEdit] = []
    for found in server.desk.findings(sight.project, sight.path):
        base = sight.document.piece_start(found.spot.piece)
        for _, edit in _mends(server, sight, found, base)[:1]:
            edits = list((edit.changes or {}).get(uri, ()))
            if edits and not any(_touch(one, other) for one in edits for other in chosen):
                chosen += edits
    return [types.CodeAction("mend all", _FIX_ALL, edit=types.WorkspaceEdit({uri: chosen}))] if chosen else []


def _touch(one: types.TextEdit, other: types.TextEdit) -> bool:
    first, last = sorted((one.range, other.range), key=lambda at: (at.start.line, at.start.character))
    return (last.start.line, last.start.character) <= (first.end.line, first.end.character)


def _mends(server: "Server", sight: Sight, found: Found, base: int) -> list[tuple[str, types.WorkspaceEdit]]:
    one = found.diagnostic
    own = fix_edits(sight.project, found) if one.fix else {}
    if own:
        edits = {server.desk.uri(sight.project, path): list(changes) for path, changes in own.items()}
        return [(one.hint or one.message, types.WorkspaceEdit(edits))]
    uri = server.desk.uri(sight.project, sight.path)
    made: list[tuple[str, types.WorkspaceEdit]] = []
    meant = _meant(sight, found, base) if one.code not in _OWN else None
    if meant is not None:
        text, start, end = meant
        edit = types.TextEdit(range_of(sight.document, start, end), text)
        made.append((f"write `{text}`", types.WorkspaceEdit({uri: [edit]})))
    start, end = base + found.spot.start, base + found.spot.end
    place = Place(sight, one, start, end, found.spot.piece.text[found.spot.start : found.spot.end])
    for mend in mends_for(place):
        made += _edit(server, sight, uri, mend)
    return made


def _edit(server: "Server", sight: Sight, uri: str, mend: Mend) -> list[tuple[str, types.WorkspaceEdit]]:
    if not mend.create:
        edits = [types.TextEdit(range_of(sight.document, start, end), text) for start, end, text in mend.edits]
        return [(mend.title, types.WorkspaceEdit({uri: edits}))] if edits else []
    if not server.desk.creates:
        return []
    target = server.desk.uri(sight.project, mend.create)
    begin = types.Range(types.Position(0, 0), types.Position(0, 0))
    document = types.OptionalVersionedTextDocumentIdentifier(target)
    changes: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile]
    changes = [types.CreateFile(target, options=types.CreateFileOptions(ignore_if_exists=True))]
    if mend.text:
        changes.append(types.TextDocumentEdit(document, [types.TextEdit(begin, mend.text)]))
    return [(mend.title, types.WorkspaceEdit(document_changes=changes))]


def _meant(sight: Sight, found: Found, base: int) -> tuple[str, int, int] | None:
    """The text that a hint proposes, and what it is to stand in the place of."""
    hint = found.diagnostic.hint
    match = _MEANT.search(hint)
    value = _WRITE.search(hint)
    start, end = base + found.spot.start, base + found.spot.end
    old = found.spot.piece.text[found.spot.start : found.spot.end]
    if value is not None and match is None:
        return (value["value"] or value["quoted"]), start, end
    if match is None or "\n" in old:
        return None
    text = match["name"] or match["text"]
    if old.startswith('"') and old.endswith('"') and len(old) > 1:
        if found.diagnostic.code == "T0053" and ":" in old:
            start += old.rindex(":")
        elif found.diagnostic.code == "T0050":
            folder = sight.path.rpartition("/")[0]
            text = text.removeprefix(f"{folder}/") if folder else text
        return text, start + 1, end - 1
    return text, start, end
