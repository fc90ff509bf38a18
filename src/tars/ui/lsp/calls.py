"""The graph of modules as an editor walks it: whom a module takes data from, and who takes its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from tars.lang import schema
from tars.lang.syntax import tree
from tars.lang.syntax.pieces import Piece
from tars.ui.lsp.convert import range_of
from tars.ui.lsp.documents import Document
from tars.ui.lsp.lookup import Home, home_of, occurrences
from tars.ui.lsp.names import names_in
from tars.ui.lsp.projects import Project

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

CALLS_MAX = 1_000


def item_of(server: "Server", project: Project, home: Home) -> types.CallHierarchyItem | None:
    """A module as an editor shows it in the graph; None where it is not declared."""
    document = project.document(home.path)
    for piece in document.index.declared.get(home.key, {}) if document else ():
        for block in modules_in(piece):
            if document is not None and block.labels[0].text == home.key[1]:
                by = document.piece_start(piece) - piece.origin
                whole = range_of(document, block.start + by, block.end + by)
                header = range_of(document, block.start + by, block.header_end + by)
                uri = server.desk.uri(project, home.path)
                kind = types.SymbolKind.Module
                return types.CallHierarchyItem(home.key[1], kind, uri, whole, header, detail=block.type)
    return None


def asked(server: "Server", item: types.CallHierarchyItem) -> tuple[Project, Home] | None:
    """The module that an editor asks about."""
    located = server.desk.located(item.uri)
    return (located[0], Home(located[1], ("module", item.name))) if located else None


def users(project: Project, home: Home) -> Iterator[tuple[Home, types.Range]]:
    """The modules that refer to a module, each with the place at which it does."""
    for one in [*occurrences(project, home)][: CALLS_MAX + 1]:
        document = project.document(one.path)
        if document is None or one.is_declaration:
            continue
        number = document.piece_at(one.start)
        piece = document.pieces[number]
        at = one.start - document.starts[number] + piece.origin
        for block in modules_in(piece):
            if block.start <= at <= block.end:
                yield Home(one.path, ("module", block.labels[0].text)), range_of(document, one.start, one.end)


def needs(project: Project, home: Home) -> Iterator[tuple[Home, types.Range]]:
    """The modules that a module refers to, each with the place at which it does."""
    document = project.document(home.path)
    for piece in document.index.declared.get(home.key, {}) if document else ():
        if document is not None:
            yield from _needs_in(project, document, home, piece)


def _needs_in(project: Project, document: Document, home: Home, piece: Piece) -> Iterator[tuple[Home, types.Range]]:
    base = document.piece_start(piece)
    for named in names_in(piece).used:
        other = home_of(project, home.path, named.key) if "module" in named.key[-2:-1] else None
        if other is not None and other != home:
            yield other, range_of(document, base + named.start, base + named.end)


def modules_in(piece: Piece) -> Iterator[tree.Block]:
    """The module blocks of a piece that have a name."""
    for item in piece.items:
        if isinstance(item, tree.Block) and schema.is_module(item.type) and item.labels:
            yield item
