"""The blocks of a metascript as an outline."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.syntax import tree
from tars.ui.lsp.documents import Document

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_DOCUMENT_SYMBOL
KINDS: Final = {
    "variable": types.SymbolKind.Variable,
    "locals": types.SymbolKind.Namespace,
    "output": types.SymbolKind.Event,
    "include": types.SymbolKind.Package,
    "settings": types.SymbolKind.Property,
    "closure": types.SymbolKind.Function,
    "belief_graph": types.SymbolKind.Struct,
    "belief": types.SymbolKind.Constant,
}


def answer(server: "Server", params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    found = []
    for number, piece in enumerate(sight.document.pieces):
        for item in piece.items:
            found.append(_symbol(sight.document, number, item))
    return found


def _symbol(document: Document, number: int, item: tree.Attribute | tree.Block) -> types.DocumentSymbol:
    origin = document.pieces[number].origin
    whole = _range(document, number, item.start - origin, item.end - origin)
    if isinstance(item, tree.Attribute):
        name = _range(document, number, item.start - origin, item.start - origin + len(item.name))
        return types.DocumentSymbol(item.name, types.SymbolKind.Property, whole, name)
    name = _range(document, number, item.start - origin, item.header_end - origin)
    named = item.labels[0].text if item.labels and item.labels[0].text else item.type
    inner = [_symbol(document, number, each) for each in item.body.items if _is_shown(each, item)]
    return types.DocumentSymbol(named, kind_of(item.type), whole, name, detail=item.type, children=inner)


def _is_shown(item: tree.Attribute | tree.Block, parent: tree.Block) -> bool:
    return isinstance(item, tree.Block) or parent.type == "locals"


def kind_of(block_type: str) -> types.SymbolKind:
    """The editor's symbol for a block."""
    return types.SymbolKind.Module if schema.is_module(block_type) else KINDS.get(block_type, types.SymbolKind.Object)


def _range(document: Document, number: int, start: int, end: int) -> types.Range:
    first, last = document.place_in(number, start), document.place_in(number, end)
    return types.Range(types.Position(*first), types.Position(*last))
