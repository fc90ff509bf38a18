"""The blocks of a metascript as an outline."""

import json
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.syntax import tree
from tars.ui.lsp.background import Later
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
    return ",".join([text for number in numbers if (text := _of_piece(document, number))])


def _of_piece(document: Document, number: int) -> str:
    """The `DocumentSymbol`s of a piece. All of them but the lines stays as it is until the piece changes."""
    piece = document.pieces[number]
    known = piece.notes.get("symbols")
    if known is None:
        lines: list[int] = []
        text = ",".join([_symbol(document, number, item, lines) for item in piece.items])
        known = text, lines
        if number == 0 or document.pieces[number - 1].text.endswith("\n"):
            piece.notes["symbols"] = known
    assert isinstance(known, tuple)
    first = document.first_lines[number]
    return str(known[0] % tuple([first + line for line in known[1]]))


def _symbol(document: Document, number: int, item: tree.Attribute | tree.Block, lines: list[int]) -> str:
    """A `DocumentSymbol` of the protocol with `%d` for its lines, which are put into `lines`, counted in the piece."""
    if isinstance(item, tree.Attribute):
        return f"{{{_named(document, number, item, item.name, item.start + len(item.name), lines)}}}"
    name = item.labels[0].text if item.labels and item.labels[0].text else item.type
    head = _named(document, number, item, name, item.header_end, lines)
    inner = [_symbol(document, number, each, lines) for each in item.body.items if _is_shown(each, item)]
    return f'{{{head},"detail":{json.dumps(item.type)},"children":[{",".join(inner)}]}}'


def _named(
    document: Document, number: int, item: tree.Attribute | tree.Block, name: str, header_end: int, lines: list[int]
) -> str:
    """The part of a symbol that attributes have as well: `header_end` is where what is to be selected ends."""
    origin = document.pieces[number].origin
    kind = kind_of(item.type) if isinstance(item, tree.Block) else types.SymbolKind.Property
    whole = _range(document, number, item.start - origin, item.end - origin, lines)
    header = _range(document, number, item.start - origin, header_end - origin, lines)
    shown = json.dumps(name).replace("%", "%%")
    return f'"name":{shown},"kind":{kind.value},"range":{whole},"selectionRange":{header}'


def _is_shown(item: tree.Attribute | tree.Block, parent: tree.Block) -> bool:
    return isinstance(item, tree.Block) or parent.type == "locals"


def kind_of(block_type: str) -> types.SymbolKind:
    """The editor's symbol for a block."""
    return types.SymbolKind.Module if schema.is_module(block_type) else KINDS.get(block_type, types.SymbolKind.Object)


def _range(document: Document, number: int, start: int, end: int, lines: list[int]) -> str:
    places = document.place_in(number, start), document.place_in(number, end)
    lines += [place.line - document.first_lines[number] for place in places]
    first, last = [f'{{"line":%d,"character":{place.character}}}' for place in places]
    return f'{{"start":{first},"end":{last}}}'
