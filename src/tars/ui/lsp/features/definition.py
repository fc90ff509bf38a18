"""Goes to where a name is declared, to a file that a path names, and into a module's source to its entry point."""

from pathlib import Path
from posixpath import join, normpath
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.kinds import Kind
from tars.lang.meaning.modules import split_entry
from tars.lang.syntax import tree
from tars.ui.lsp.convert import offset_of, range_of
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.lookup import block_at, declarations, home_of, name_at
from tars.ui.lsp.names import names_in
from tars.ui.lsp.sources import define, read_source

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

METHOD: Final = types.TEXT_DOCUMENT_DEFINITION
PATHS: Final = frozenset({Kind.PATH, Kind.PATHS, Kind.SOURCE, Kind.INPUTS, Kind.SCHEMA, Kind.FILES})


def answer(server: "Server", params: types.DefinitionParams) -> list[types.Location]:
    sight = server.desk.sight(params.text_document.uri)
    if sight is None:
        return []
    offset = offset_of(sight, params.position)
    into = _into_source(sight, offset)
    if into is not None:
        return [into]
    found = name_at(sight, offset)
    home = home_of(sight.project, sight.path, found[0].key) if found else None
    if home is None:
        return []
    piece = sight.document.pieces[sight.document.piece_at(offset)]
    if home.key[0] == "include" and found and found[0] not in names_in(piece).declared:
        inner = sight.project.includes(home.path).get(home.key[1])
        if inner is not None and sight.project.document(inner) is not None:
            start = types.Position(0, 0)
            return [types.Location(server.desk.uri(sight.project, inner), types.Range(start, start))]
    places = []
    for one in declarations(sight.project, home):
        document = sight.project.document(one.path)
        if document is not None:
            places.append(
                types.Location(server.desk.uri(sight.project, one.path), range_of(document, one.start, one.end))
            )
    return places


def _into_source(sight: Sight, offset: int) -> types.Location | None:
    """The place in a file that the string at an offset names; None where it names none that is there."""
    block, attribute, by = block_at(sight.document, offset)
    if block is None or attribute is None:
        return None
    literal = next((one for one in literals(attribute.value) if one.start + by <= offset <= one.end + by), None)
    known = schema.find_attribute(block.type, attribute.name)
    if literal is None or known is None:
        return None
    text = str(literal.value)
    folder = sight.path.rpartition("/")[0]
    if known.name == "entry_point":
        return _entry(sight, block, text, folder)
    if known.kind not in PATHS:
        return None
    return _file(sight.project.root / normpath(join(folder, text)), sight.project.root)


def literals(node: tree.Expression) -> list[tree.Literal]:
    items = node.items if isinstance(node, tree.Tuple) else (node,)
    return [item for item in items if isinstance(item, tree.Literal) and isinstance(item.value, str)]


def _entry(sight: Sight, block: tree.Block, text: str, folder: str) -> types.Location | None:
    path, name = split_entry(text)
    source = next(
        (
            str(item.value.value)
            for item in block.body.items
            if isinstance(item, tree.Attribute)
            and schema.canonical_name(block.type, item.name) in ("source", "file")
            and isinstance(item.value, tree.Literal)
        ),
        "",
    )
    root = sight.project.root
    in_package = path and (root / folder / source).is_dir()
    file = root / normpath(join(folder, source, path) if in_package else join(folder, path or source))
    place = _file(file, root)
    if place is None or not name:
        return place
    found = define(read_source(file) or "", name)
    if found is None:
        return place
    at = types.Position(*found)
    return types.Location(place.uri, types.Range(at, at))


def _file(path: Path, root: Path) -> types.Location | None:
    try:
        inside = path.resolve().is_relative_to(root.resolve()) and path.is_file()
    except (OSError, ValueError):
        return None
    start = types.Position(0, 0)
    return types.Location(path.as_uri(), types.Range(start, start)) if inside else None
