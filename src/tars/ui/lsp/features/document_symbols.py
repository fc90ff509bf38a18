"""The blocks of a metascript as an outline."""

from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.syntax import tree
from tars.ui.lsp.background import Later, listed
from tars.ui.lsp.documents import Document

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_DOCUMENT_SYMBOL
LATER: Final = True
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


def answer(server: "Server", params: types.DocumentSymbolParams) -> Later | None:
    sight = server.desk.sight(params.text_document.uri)
    return Later(sight, _symbols) if sight else None


def _symbols(document: Document, numbers: range) -> str:
    return listed(_symbol(document, number, item) for number in numbers for item in document.pieces[number].items)


def _symbol(document: Document, number: int, item: tree.Attribute | tree.Block) -> dict[str, Any]:
    """A `DocumentSymbol` of the protocol: for many of them its classes take longer than all the rest."""
    origin = document.pieces[number].origin
    whole = _range(document, number, item.start - origin, item.end - origin)
    if isinstance(item, tree.Attribute):
        name = _range(document, number, item.start - origin, item.start - origin + len(item.name))
        return {"name": item.name, "kind": types.SymbolKind.Property.value, "range": whole, "selectionRange": name}
    name = _range(document, number, item.start - origin, item.header_end - origin)
    named = item.labels[0].text if item.labels and item.labels[0].text else item.type
    inner = [_symbol(document, number, each) for each in item.body.items if _is_shown(each, item)]
    return {
        "name": named, "kind": kind_of(item.type).value, "detail": item.type, "range": whole, "selectionRange": name,
        "children": inner,
    }  # fmt: skip


def _is_shown(item: tree.Attribute | tree.Block, parent: tree.Block) -> bool:
    return isinstance(item, tree.Block) or parent.type == "locals"


def kind_of(block_type: str) -> types.SymbolKind:
    """The editor's symbol for a block."""
    return types.SymbolKind.Module if schema.is_module(block_type) else KINDS.get(block_type, types.SymbolKind.Object)


def _range(document: Document, number: int, start: int, end: int) -> dict[str, dict[str, int]]:
    first, last = document.place_in(number, start), document.place_in(number, end)
    return {"start": first._asdict(), "end": last._asdict()}
