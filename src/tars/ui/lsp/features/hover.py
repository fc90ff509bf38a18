"""What stands at a place, in words: a block's or an attribute's documentation, what a name stands for, a function."""

import re
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.kinds import KIND_TEXT
from tars.lang.meaning.functions import FUNCTIONS, SPECIAL
from tars.ui.cli.times import when
from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.features.completion import describe
from tars.ui.lsp.lookup import blocks_at, home_of, name_at
from tars.ui.lsp.values import described

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_HOVER
_SHOWN_MAX: Final = 1_500
_WORD: Final = re.compile(r"[^\W\d][\w-]*")


def answer(server: "Server", params: types.HoverParams) -> types.Hover | None:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return None
    offset = offset_of(sight, params.position)
    found = _keyword(sight, offset) or _name(server, sight, offset) or _function(sight, params.position)
    if found is None:
        return None
    text, start, end = found
    content = types.MarkupContent(types.MarkupKind.Markdown, text)
    return types.Hover(content, range_of(sight.document, start, end))


def _keyword(sight: Sight, offset: int) -> tuple[str, int, int] | None:
    """The name of an attribute, or the type of a block."""
    blocks, attribute, by = blocks_at(sight.document, offset)
    block = blocks[-1] if blocks else None
    if attribute is not None and attribute.start + by <= offset <= attribute.start + by + len(attribute.name):
        start, end = attribute.start + by, attribute.start + by + len(attribute.name)
        known = schema.find_attribute(block.type, attribute.name) if block else None
        if known is not None:
            return f"**{known.name}**: {KIND_TEXT[known.kind]}\n\n{describe(known)}", start, end
        if schema.pin_language(attribute.name):
            text = f'**{attribute.name}** pins modules to stored versions: `"name@v3"`, `"name@latest"`.'
            return text, start, end
    elif block is not None and block.start + by <= offset <= block.start + by + len(block.type):
        parent = blocks[-2].type if len(blocks) > 1 else ""
        known_block = schema.find_block(block.type, parent)
        if known_block is not None:
            example = f"\n\n```hcl\n{known_block.example}\n```" if known_block.example else ""
            return (
                f"**{block.type}**\n\n{known_block.doc}{example}",
                block.start + by,
                block.start + by + len(block.type),
            )
    return None


def _name(server: "Server", sight: Sight, offset: int) -> tuple[str, int, int] | None:
    found = name_at(sight, offset)
    home = home_of(sight.project, sight.path, found[0].key) if found else None
    if found is None or home is None:
        return None
    text = described(sight, home)
    if not text:
        return None
    if len(text) > _SHOWN_MAX:
        text = f"{text[:_SHOWN_MAX]}\n…"
    where = f"\n\nin `{home.path}`" if home.path != sight.path else ""
    facts = server.facts.of(sight.project, home.key[1]) if home.key[0] == "module" else None
    if facts is not None:
        versions = f"v{facts.versions[0]}" if facts.versions else "no version yet"
        ran = f", last run {when(facts.time)}: {facts.status}" if facts.status else ""
        where += f"\n\n{versions}{ran}"
    return f"```hcl\n{text}\n```{where}", found[1] + found[0].start, found[1] + found[0].end


def _function(sight: Sight, position: types.Position) -> tuple[str, int, int] | None:
    line = sight.document.line_text(position.line)
    start = sight.document.offset(position.line, 0)
    at = offset_of(sight, position) - start
    for match in _WORD.finditer(line):
        if match.start() <= at <= match.end() and line[match.end() :].lstrip().startswith("("):
            name = match[0]
            known = FUNCTIONS.get(name)
            signature, doc = (known.signature, known.doc) if known else SPECIAL.get(name, ("", ""))
            if doc:
                return f"```hcl\n{signature}\n```\n\n{doc}", start + match.start(), start + match.end()
    return None
