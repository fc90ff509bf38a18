"""Paths of files that are there, as links."""

from collections.abc import Iterator
from posixpath import join, normpath
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.meaning.modules import split_entry
from tars.lang.syntax import tree
from tars.ui.lsp.convert import range_of
from tars.ui.lsp.features.definition import PATHS, literals

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_DOCUMENT_LINK
LINKS_MAX: Final = 1_000
"""So many paths are looked for on the disk."""


def answer(server: "Server", params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    sight = server.desk.sight(params.text_document.uri)
    found: list[types.DocumentLink] = []
    if sight is None:
        return found
    folder = sight.path.rpartition("/")[0]
    looked = 0
    for number, piece in enumerate(sight.document.pieces):
        by = sight.document.starts[number] - piece.origin
        for literal in paths_in(piece.items):
            path = str(literal.value).partition(":")[0] if ":" in str(literal.value) else str(literal.value)
            file = sight.project.root / normpath(join(folder, path))
            if path and file.is_relative_to(sight.project.root) and file.is_file():
                at = range_of(sight.document, literal.start + by + 1, literal.start + by + 1 + len(path))
                found.append(
                    types.DocumentLink(
                        at, target=server.desk.uri(sight.project, file.relative_to(sight.project.root).as_posix())
                    )
                )
            looked += 1
        if looked >= LINKS_MAX:
            break
    return found


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
