"""What each word of a part of a metascript is: what an editor asks for first when it opens a large file."""

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.ui.lsp.convert import offset_of
from tars.ui.lsp.features.semantic_tokens import OPTIONS as LEGEND
from tars.ui.lsp.features.semantic_tokens import Last, encoded

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE
OPTIONS: Final = LEGEND


def answer(server: "Server", params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return types.SemanticTokens([])
    first = sight.document.piece_at(offset_of(sight, params.range.start))
    last = sight.document.piece_at(offset_of(sight, params.range.end))
    return types.SemanticTokens(encoded(sight.document, range(first, last + 1), Last(0, 0))[0])
