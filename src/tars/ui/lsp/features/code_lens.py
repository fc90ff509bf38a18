"""Above each module: run it, and what versions of it there are. The editor's own part carries the commands out."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.syntax import tree

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_CODE_LENS
RUN: Final = "tars.run"
VERSIONS: Final = "tars.versions"
LENSES_MAX: Final = 1_000


def answer(server: "Server", params: types.CodeLensParams) -> list[types.CodeLens]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    found: list[types.CodeLens] = []
    file = str(sight.project.root / sight.path)
    for number, piece in enumerate(sight.document.pieces):
        for item in piece.items:
            if not isinstance(item, tree.Block) or not schema.is_module(item.type) or not item.labels:
                continue
            name = item.labels[0].text
            position = types.Position(*sight.document.place_in(number, item.start - piece.origin))
            at = types.Range(position, position)
            found.append(types.CodeLens(at, types.Command("run", RUN, arguments=[file, name])))
            facts = server.facts.of(sight.project, name)
            if facts is not None and facts.versions:
                count = len(facts.versions)
                title = "1 version" if count == 1 else f"{count} versions"
                found.append(types.CodeLens(at, types.Command(title, VERSIONS, arguments=[file, name])))
        if len(found) >= LENSES_MAX:
            break
    return found
