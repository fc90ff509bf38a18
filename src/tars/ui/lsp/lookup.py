"""Finds the name at a place, and where in the project a name is declared and used."""

from collections.abc import Iterator
from typing import NamedTuple

from tars.lang.syntax import tree
from tars.lang.syntax.pieces import Piece
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.documents import Document
from tars.ui.lsp.names import Key, Named, names_in
from tars.ui.lsp.projects import Project


class Home(NamedTuple):
    """Which file a name belongs to, and what it is called there."""

    path: str
    key: Key


class Occurrence(NamedTuple):
    """One place in a file at which a name stands: offsets in the whole text."""

    path: str
    start: int
    end: int
    is_declaration: bool


def name_at(sight: Sight, offset: int) -> tuple[Named, int] | None:
    """The name at an offset, and the offset of its piece."""
    document = sight.document
    number = document.piece_at(offset)
    for place in (number, number - 1):  # at the end of a piece that has no newline the next one begins
        if place < 0:
            continue
        local = offset - document.starts[place]
        names = names_in(document.pieces[place])
        found = [
            one for one in (*names.declared, *names.used) if one.start <= local <= one.end and one.key[0] != "path"
        ]
        if found:
            return min(found, key=lambda one: one.end - one.start), document.starts[place]
    return None


def home_of(project: Project, path: str, key: Key) -> Home | None:
    """The file that a name belongs to, namespaces followed; None where an include is missing."""
    while key[0] == "in":
        inner = project.includes(path).get(key[1])
        if inner is None:
            return None
        path, key = inner, key[2:]
    return Home(path, key)


def declarations(project: Project, home: Home) -> Iterator[Occurrence]:
    """Where a name is declared."""
    document = project.document(home.path)
    if document is not None:
        for piece in document.index.declared.get(home.key, {}):
            yield from _in_piece(document, home.path, piece, home.key, declared=True)


def occurrences(project: Project, home: Home) -> Iterator[Occurrence]:
    """Where a name is declared and used, in all metascripts of the project."""
    yield from declarations(project, home)
    for path in project.metascripts():
        yield from _uses(project, path, home)


def occurrences_in(project: Project, path: str, home: Home) -> Iterator[Occurrence]:
    """Where a name is declared and used in one file."""
    yield from (one for one in declarations(project, home) if one.path == path)
    yield from _uses(project, path, home)


def _uses(project: Project, path: str, home: Home) -> Iterator[Occurrence]:
    document = project.document(path)
    for key, pieces in list(document.index.used.items()) if document else ():
        if document and key[-len(home.key) :] == home.key and home_of(project, path, key) == home:
            for piece in pieces:
                yield from _in_piece(document, path, piece, key, declared=False)


def blocks_at(document: Document, offset: int) -> tuple[list[tree.Block], tree.Attribute | None, int]:
    """The blocks around an offset, outermost first, the attribute there, and what to add to their offsets to get those
    of the text."""
    number = document.piece_at(offset)
    piece = document.pieces[number]
    by = document.starts[number] - piece.origin
    found: list[tree.Block] = []
    items: tuple[tree.Attribute | tree.Block, ...] = piece.items
    while True:
        inner = next((item for item in items if item[0] + by <= offset <= item[1] + by), None)
        if not isinstance(inner, tree.Block):
            return found, inner, by
        found.append(inner)
        items = inner.body.items


def block_at(document: Document, offset: int) -> tuple[tree.Block | None, tree.Attribute | None, int]:
    """As `blocks_at`, with the innermost block alone."""
    blocks, attribute, by = blocks_at(document, offset)
    return blocks[-1] if blocks else None, attribute, by


def declaring_block(project: Project, home: Home) -> tuple[Document, tree.Block, int] | None:
    """The block that declares a name, with the document and what to add to its offsets."""
    for found in declarations(project, home):
        document = project.document(found.path)
        assert document is not None
        number = document.piece_at(found.start)
        piece = document.pieces[number]
        by = document.starts[number] - piece.origin
        for item in piece.items:
            if isinstance(item, tree.Block) and item.start + by <= found.start <= item.end + by:
                return document, item, by
    return None


def _in_piece(document: Document, path: str, piece: Piece, key: Key, *, declared: bool) -> Iterator[Occurrence]:
    base = document.piece_start(piece)
    names = names_in(piece)
    for one in names.declared if declared else names.used:
        if one.key == key:
            yield Occurrence(path, base + one.start, base + one.end, declared)
