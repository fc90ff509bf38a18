"""Finds declared names in all metascripts of the open projects."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.convert import range_of
from tars.ui.lsp.features.document_symbols import kind_of
from tars.ui.lsp.lookup import Home, declarations

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.WORKSPACE_SYMBOL
SYMBOLS_MAX: Final = 200
_TYPES: Final = {"module": "python_module", "var": "variable", "local": "locals"}


def answer(server: "Server", params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
    asked = params.query.lower()
    found: list[types.WorkspaceSymbol] = []
    for project in list(server.desk.projects.values()):
        for path in project.metascripts():
            document = project.document(path)
            for key in list(document.index.declared) if document else ():
                if document is None or key[0] == "path" or asked not in key[-1].lower():
                    continue
                for one in declarations(project, Home(path, key)):
                    place = types.Location(server.desk.uri(project, path), range_of(document, one.start, one.end))
                    kind = kind_of(_TYPES.get(key[0], key[0]))
                    found.append(types.WorkspaceSymbol(place, key[-1], kind, container_name=path))
                if len(found) >= SYMBOLS_MAX:
                    return found
    return found
