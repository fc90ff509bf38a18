"""Behind each module's header: its newest version, whether it is cached, and how its last run went."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.syntax import tree
from tars.ui.cli.display.board import seconds_text
from tars.ui.cli.times import when
from tars.ui.lsp.convert import offset_of
from tars.ui.lsp.facts import ModuleFacts

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_INLAY_HINT
_ACTIONS: Final = {"cached": "cached", "run": "will run", "restore": "will be restored", "unavailable": "cannot run"}


def answer(server: "Server", params: types.InlayHintParams) -> list[types.InlayHint]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    first = sight.document.piece_at(offset_of(sight, params.range.start))
    last = sight.document.piece_at(offset_of(sight, params.range.end))
    found = []
    for number in range(first, last + 1):
        piece = sight.document.pieces[number]
        for item in piece.items:
            if isinstance(item, tree.Block) and schema.is_module(item.type) and item.labels:
                facts = server.facts.of(sight.project, item.labels[0].text)
                if facts is not None:
                    at = types.Position(*sight.document.place_in(number, item.header_end - piece.origin))
                    found.append(types.InlayHint(at, label(facts), tooltip=_more(facts), padding_left=True))
    return found


def label(facts: ModuleFacts) -> str:
    """What is known, in a few words: `v3 · cached · 1.2 s`."""
    parts = [f"v{facts.versions[0]}"] if facts.versions else []
    if facts.action in _ACTIONS:
        parts.append(_ACTIONS[facts.action])
    if facts.status and facts.status != "succeeded":
        parts.append(facts.status)
    elif facts.status:
        parts.append(seconds_text(facts.seconds))
    return " · ".join(parts)


def _more(facts: ModuleFacts) -> str:
    lines = [facts.why] if facts.why else []
    if facts.status:
        lines.append(f"last run {when(facts.time)}: {facts.status} after {seconds_text(facts.seconds)}")
    return "\n".join(lines)
