"""Paths of files that are there, as links."""

from collections.abc import Iterator
from functools import partial
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.meaning.modules import split_entry
from tars.lang.syntax import tree
from tars.ui.lsp.background import Later, listed
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.documents import Document
from tars.ui.lsp.features.definition import PATHS, literals

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_DOCUMENT_LINK
LATER: Final = True
PIECES_MAX: Final = 1_000
"""In so many statements paths are looked for on the disk."""


def answer(server: "Server", params: types.DocumentLinkParams) -> Later | None:
    sight = server.desk.sight(params.text_document.uri)
    return Later(sight, partial(_links, sight)) if sight else None


def _links(sight: Sight, document: Document, numbers: range) -> str:
    return listed(
        link
        for number in numbers
        if number < PIECES_MAX
        for literal in paths_in(document.pieces[number].items)
        if (link := _link(sight, document, number, literal)) is not None
    )


def _link(sight: Sight, document: Document, number: int, literal: tree.Literal) -> dict[str, Any] | None:
    path = str(literal.value).partition(":")[0]
    file = sight.project.root / normpath(join(sight.path.rpartition("/")[0], path))
    if not path or not file.is_relative_to(sight.project.root) or not file.is_file():
        return None
    start = literal.start - document.pieces[number].origin + 1
    first, last = document.place_in(number, start), document.place_in(number, start + len(path))
    return {"range": {"start": first._asdict(), "end": last._asdict()}, "target": file.as_uri()}


def paths_in(items: tuple[tree.Attribute | tree.Block, ...], block: tree.Block | None = None) -> Iterator[tree.Literal]:
    """The strings of statements that are paths, or begin with one and a `:`."""
    for item in items:
        if isinstance(item, tree.Block):
            yield from paths_in(item.body.items, item)
        elif block is not None:
            known = schema.find_attribute(block.type, item.name)
            if known is not None and (known.kind in PATHS or known.name in ("entry_point", "evidence")):
                is_path = known.name != "entry_point"
                yield from (one for one in literals(item.value) if is_path or split_entry(str(one.value))[0])
