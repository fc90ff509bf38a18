"""The module at a place, from which an editor walks the graph of modules."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.calls import item_of, modules_in
from tars.ui.lsp.convert import offset_of
from tars.ui.lsp.lookup import Home, home_of, name_at

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY


def answer(server: "Server", params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem] | None:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return None
    offset = offset_of(sight, params.position)
    found = name_at(sight, offset)
    home = home_of(sight.project, sight.path, found[0].key) if found else None
    if home is None or home.key[0] != "module":
        number = sight.document.piece_at(offset)
        piece = sight.document.pieces[number]
        at = offset - sight.document.starts[number] + piece.origin
        around = next((block for block in modules_in(piece) if block.start <= at <= block.end), None)
        home = Home(sight.path, ("module", around.labels[0].text)) if around else None
    item = item_of(server, sight.project, home) if home else None
    return [item] if item else None
