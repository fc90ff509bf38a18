"""Says whether the name at a place can be renamed, and what of the text it is."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.lookup import home_of, name_at

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_PREPARE_RENAME


def answer(server: "Server", params: types.PrepareRenameParams) -> types.Range | None:
    sight = server.desk.sight(params.text_document.uri)
    found = name_at(sight, offset_of(sight, params.position)) if sight else None
    if sight is None or found is None:
        return None
    home = home_of(sight.project, sight.path, found[0].key)
    document = sight.project.document(home.path) if home else None
    if home is None or document is None or home.key not in document.index.declared:
        return None
    return range_of(sight.document, found[1] + found[0].start, found[1] + found[0].end)
