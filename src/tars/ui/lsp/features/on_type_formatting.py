"""While typing: a new line is indented as deep as it stands, and a block that a `}` ends is formatted."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.cursor import cursor_at
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.features.range_formatting import formatted_unit

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_ON_TYPE_FORMATTING
OPTIONS: Final = types.DocumentOnTypeFormattingOptions("}", ["\n"])
_INDENT: Final = "  "


def answer(server: "Server", params: types.DocumentOnTypeFormattingParams) -> list[types.TextEdit]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    if params.ch == "\n":
        return _indented(sight, params.position.line)
    number = sight.document.piece_at(max(offset_of(sight, params.position) - 1, 0))
    return formatted_unit(sight.document, range(number, number + 1))


def _indented(sight: Sight, line: int) -> list[types.TextEdit]:
    document = sight.document
    start = document.offset(line, 0)
    text = document.line_text(line)
    blank = len(text) - len(text.lstrip(" \t"))
    cursor = cursor_at(document, start)
    if cursor.kind in ("nothing", "string"):
        return []
    depth = len(cursor.blocks) + cursor.brackets
    if text[blank : blank + 1] in ("}", "]", ")"):
        depth -= 1
    wanted = _INDENT * max(depth, 0)
    return [] if text[:blank] == wanted else [types.TextEdit(range_of(document, start, start + blank), wanted)]
