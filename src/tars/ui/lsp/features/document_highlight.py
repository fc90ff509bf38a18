"""The other places in this file at which the name at a place stands: where it is declared, and where it is used."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.lookup import home_of, name_at, occurrences_in

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT


def answer(server: "Server", params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    sight = server.desk.sight(params.text_document.uri)
    found = name_at(sight, offset_of(sight, params.position)) if sight else None
    home = home_of(sight.project, sight.path, found[0].key) if sight and found else None
    if sight is None or home is None:
        return []
    kinds = {True: types.DocumentHighlightKind.Write, False: types.DocumentHighlightKind.Read}
    return [
        types.DocumentHighlight(range_of(sight.document, one.start, one.end), kinds[one.is_declaration])
        for one in dict.fromkeys(occurrences_in(sight.project, sight.path, home))
    ]
