"""Every place at which a name stands, in all metascripts of the project."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.lookup import home_of, name_at, occurrences

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_REFERENCES


def answer(server: "Server", params: types.ReferenceParams) -> list[types.Location]:
    sight = server.desk.sight(params.text_document.uri)
    found = name_at(sight, offset_of(sight, params.position)) if sight else None
    home = home_of(sight.project, sight.path, found[0].key) if sight and found else None
    if sight is None or home is None:
        return []
    places = []
    for one in dict.fromkeys(occurrences(sight.project, home)):
        document = sight.project.document(one.path)
        if document is not None and (params.context.include_declaration or not one.is_declaration):
            uri = server.desk.uri(sight.project, one.path)
            places.append(types.Location(uri, range_of(document, one.start, one.end)))
    return places
