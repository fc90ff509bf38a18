"""Mends: the edits that findings bring with them, and the nearest known name where a hint gives one."""

import re
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.checking import Found
from tars.ui.lsp.convert import diagnostic, fix_edits, range_of
from tars.ui.lsp.desk import Sight

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_CODE_ACTION
OPTIONS: Final = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
_MEANT: Final = re.compile(r"did you mean (?:`(?P<name>[^`]+)`|\"(?P<text>[^\"]+)\")\?")
_WRITE: Final = re.compile(r"write (?P<value>true|false) without quotes|write (?P<quoted>\"[^\"]+\")\Z")


def answer(server: "Server", params: types.CodeActionParams) -> list[types.CodeAction]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    document = sight.document
    first = document.offset(params.range.start.line, 0)
    last = (
        document.offset(params.range.end.line + 1, 0)
        if params.range.end.line < document.first_lines[-1]
        else document.starts[-1]
    )
    actions = []
    for found in server.desk.findings(sight.project, sight.path):
        base = document.piece_start(found.spot.piece)
        if not first <= base + found.spot.start <= last:
            continue
        for title, edits in _mends(server, sight, found, base):
            shown = diagnostic(server.desk, sight.project, document, found)
            edit = types.WorkspaceEdit(edits)
            kind = types.CodeActionKind.QuickFix
            actions.append(types.CodeAction(title, kind, [shown], is_preferred=True, edit=edit))
    return actions


def _mends(
    server: "Server", sight: Sight, found: Found, base: int
) -> list[tuple[str, dict[str, list[types.TextEdit]]]]:
    one = found.diagnostic
    own = fix_edits(sight.project, found) if one.fix else {}
    if own:
        edits = {server.desk.uri(sight.project, path): list(changes) for path, changes in own.items()}
        return [(one.hint or one.message, edits)]
    meant = _meant(sight, found, base)
    if meant is None:
        return []
    text, start, end = meant
    uri = server.desk.uri(sight.project, sight.path)
    return [(f"write `{text}`", {uri: [types.TextEdit(range_of(sight.document, start, end), text)]})]


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
