"""What a value may be: words of its kind, references that can be resolved, functions, files, versions."""

import os
from collections.abc import Iterator
from pathlib import Path
from posixpath import join, normpath
from typing import TYPE_CHECKING, Final, NamedTuple

from lsprotocol import types

from tars.lang import schema
from tars.lang.kinds import AttributeType, Kind
from tars.lang.meaning.functions import FUNCTIONS, SPECIAL
from tars.lang.meaning.modules import split_entry
from tars.lang.meaning.resolve import MODULE_ATTRIBUTES, REFERABLE
from tars.lang.syntax import tree
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS
from tars.ui.lsp.cursor import Cursor
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.lookup import Home, declaring_block
from tars.ui.lsp.sources import functions, read_source

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

FILES_MAX: Final = 500
NAMES_MAX: Final = 400
_PATH_KINDS: Final = frozenset(
    {Kind.PATH, Kind.PATHS, Kind.SOURCE, Kind.INPUTS, Kind.SCHEMA, Kind.FILES, Kind.ENTRY_POINT}
)
_RUNTIMES: Final = ("node", "deno", "bun", "python3.11", "python3.12", "python3.13")
_ITEM = types.CompletionItemKind


class Offer(NamedTuple):
    """One thing that may be written. `snippet` has places to fill in, `plain` is for editors without these."""

    label: str
    kind: types.CompletionItemKind
    detail: str = ""
    doc: str = ""
    snippet: str = ""
    plain: str = ""
    rank: int = 1


def fits(label: str, word: str) -> bool:
    """Whether the letters of the word come in the label in their order, the first at the beginning of a part."""
    if not word:
        return True
    low, typed = label.lower(), word.lower()
    if low.startswith(typed) or typed in low:
        return True
    place = -1
    for letter in typed:
        place = low.find(letter, place + 1)
        if place < 0:
            return False
    return low[:1] == typed[:1]


def of_value(sight: Sight, cursor: Cursor, known: AttributeType | None) -> Iterator[Offer]:
    """What may begin a value: the words of its kind first, then references and functions."""
    if known is not None and cursor.inner in ("", "["):
        for word in _words(known):
            yield Offer(f'"{word}"', _ITEM.EnumMember, known.name, rank=0)
        if known.kind in (Kind.BOOL, Kind.COMPILE, Kind.COUNT_OR_BOOL):
            yield Offer("true", _ITEM.Keyword, rank=0)
            yield Offer("false", _ITEM.Keyword, rank=0)
        if known.kind is Kind.TYPE:
            for word in ("string", "number", "bool", "any", "list", "set", "map", "tuple", "object"):
                yield Offer(word, _ITEM.TypeParameter, "a type", rank=0)
            return
    yield from _roots(sight, sight.path)
    for name, (signature, doc) in _functions().items():
        yield Offer(name, _ITEM.Function, signature, doc, f"{name}($0)", f"{name}(", rank=5)


def of_reference(sight: Sight, chain: list[str], word: str) -> Iterator[Offer]:
    """What may follow `chain` and a dot; of thousands of names those that begin with the word, and some others."""
    path = sight.path
    while chain and chain[0] not in ("var", "local", *REFERABLE) and not schema.is_module(chain[0]):
        inner = sight.project.includes(path).get(chain[0])
        if inner is None:
            return
        path, chain = inner, chain[1:]
    if not chain:
        yield from _roots(sight, path)
        return
    document = sight.project.document(path)
    if document is None:
        return
    kind = "module" if schema.is_module(chain[0]) else chain[0]
    if len(chain) == 1:
        declared = [key for key in list(document.index.declared) if key[0] == kind]
        keys = [key for key in declared if key[1].startswith(word)]
        if len(keys) < NAMES_MAX:
            keys += [key for key in declared if not key[1].startswith(word) and fits(key[1], word)]
        for key in keys[:NAMES_MAX]:
            if _is_of(sight, path, key, chain[0]):
                yield Offer(key[1], _ITEM.Module if kind == "module" else _ITEM.Variable, _title(sight, path, key))
    elif kind == "module" and len(chain) == 2:
        for name in MODULE_ATTRIBUTES:
            yield Offer(name, _ITEM.Field, f"of `{chain[0]}.{chain[1]}`", rank=0 if name == "output" else 1)
    elif len(chain) == 2 and kind in REFERABLE:
        names = ["beliefs"] if kind == "belief_graph" else []
        for name in (*names, *dict.fromkeys(one.name for one in schema.attributes_of(kind).values())):
            yield Offer(name, _ITEM.Field)


def of_string(server: "Server", sight: Sight, cursor: Cursor, known: AttributeType | None) -> Iterator[Offer]:
    """What may stand in the string of an attribute."""
    if known is None:
        return
    for word in _words(known):
        yield Offer(word, _ITEM.EnumMember, known.name, rank=0)
    if known.kind is Kind.PINS:
        yield from _versions(server, sight, cursor)
    elif known.kind is Kind.ENTRY_POINT or known.name == "entry_point":
        yield from _entries(sight, cursor)
    elif known.kind in _PATH_KINDS:
        yield from _files(sight, cursor.word)
    elif known.name in ("supports", "contradicts") and len(cursor.blocks) > 1 and cursor.blocks[0].labels:
        for key in sight.document.index.declared:
            if key[0] == "belief" and key[1] == cursor.blocks[0].labels[0]:
                yield Offer(key[2], _ITEM.Reference, "a belief of this graph")


def _words(known: AttributeType) -> tuple[str, ...]:
    if known.kind is Kind.SANDBOXES:
        return tuple(SANDBOXES)
    if known.kind is Kind.LANGUAGE:
        return TOOLCHAINS.names()
    if known.kind is Kind.COMPILE:
        return ("docker",)
    if known.name == "runtime":
        return _RUNTIMES
    return known.choices


def _roots(sight: Sight, path: str) -> Iterator[Offer]:
    document = sight.project.document(path)
    if document is None:
        return
    kinds = {key[0] for key in document.index.declared}
    for word, doc in (("var", "a variable"), ("local", "a computed value")):
        if word in kinds:
            yield Offer(word, _ITEM.Keyword, doc, plain=f"{word}.", rank=2)
    for word in REFERABLE:
        if word in kinds:
            yield Offer(word, _ITEM.Keyword, word.replace("_", " "), plain=f"{word}.", rank=3)
    for name in sight.project.includes(path):
        yield Offer(name, _ITEM.Module, "an included metascript", plain=f"{name}.", rank=2)
    if "module" in kinds:
        for name in _module_types(sight, path):
            yield Offer(name, _ITEM.Class, "a module's output and more", plain=f"{name}.", rank=2)


def _module_types(sight: Sight, path: str) -> list[str]:
    document = sight.project.document(path)
    types_ = (
        {item.type for piece in document.pieces for item in piece.items if type(item) is tree.Block}
        if document and document.read
        else ()
    )
    return sorted({schema.canonical_type(name) for name in types_ if schema.is_module(name)})


def _is_of(sight: Sight, path: str, key: tuple[str, ...], written: str) -> bool:
    """Whether the module of that name is in the language that the reference begins with."""
    if key[0] != "module" or written == "agent_module":
        return True
    document = sight.project.document(path)
    pieces = document.index.declared.get(key, {}) if document else {}
    wanted = schema.canonical_type(written)
    for piece in pieces:
        for item in piece.items:
            if not isinstance(item, tree.Block) or not item.labels or item.labels[0].text != key[1]:
                continue
            if schema.canonical_type(item.type) in (wanted, "agent_module"):
                return True
    return False


def _title(sight: Sight, path: str, key: tuple[str, ...]) -> str:
    return f"{key[0]} of {path}" if path != sight.path else key[0].replace("_", " ")


def _functions() -> dict[str, tuple[str, str]]:
    return {name: (one.signature, one.doc) for name, one in FUNCTIONS.items()} | dict(SPECIAL)


def _versions(server: "Server", sight: Sight, cursor: Cursor) -> Iterator[Offer]:
    language = schema.pin_language(cursor.attribute)
    names = [key[1] for key in sight.document.index.declared if key[0] == "module"]
    names = [name for name in names if _is_of(sight, sight.path, ("module", name), f"{language}_module")] or names
    for name in names[:FILES_MAX]:
        facts = server.facts.of(sight.project, name)
        for rank, number in enumerate(facts.versions if facts else ()):
            yield Offer(f"{name}@v{number}", _ITEM.Value, "a stored version", rank=rank)
        yield Offer(f"{name}@latest", _ITEM.Value, "the newest version", rank=0)


def _entries(sight: Sight, cursor: Cursor) -> Iterator[Offer]:
    """The functions of the module's source, with the file before them where one is typed."""
    path, _ = split_entry(cursor.word)
    folder = sight.path.rpartition("/")[0]
    source = path or _source_of(sight, cursor)
    file = sight.project.root / normpath(join(folder, source))
    if source and _is_inside(file, sight.project.root):
        for name in functions(read_source(file) or ""):
            yield Offer(f"{path}:{name}" if path else name, _ITEM.Function, f"in {source}", rank=0)
    if not source or path:
        yield from _files(sight, cursor.word)


def _source_of(sight: Sight, cursor: Cursor) -> str:
    number = sight.document.piece_at(cursor.blocks[-1].start) if cursor.blocks else 0
    for item in sight.document.pieces[number].items:
        for inner in item.body.items if isinstance(item, tree.Block) else ():
            if isinstance(inner, tree.Attribute) and inner.name in ("source", "file", "source_file"):
                return str(inner.value.value) if isinstance(inner.value, tree.Literal) else ""
    return ""


def _files(sight: Sight, word: str) -> Iterator[Offer]:
    """The files and folders of the project that the path so far may lead to."""
    folder = sight.path.rpartition("/")[0]
    typed = word.rpartition("/")[0]
    where = sight.project.root / normpath(join(folder, typed))
    if not _is_inside(where, sight.project.root):
        return
    try:
        with os.scandir(where) as entries:
            found = sorted((entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith("."))
    except (OSError, ValueError):
        return
    for name, is_folder in found[:FILES_MAX]:
        path = f"{typed}/{name}" if typed else name
        if is_folder:
            yield Offer(f"{path}/", _ITEM.Folder, rank=1)
        else:
            yield Offer(path, _ITEM.File, rank=1)


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError):
        return False


def described(sight: Sight, home: Home) -> str:
    """The block that declares a name, as it is written; empty where there is none."""
    found = declaring_block(sight.project, home)
    if found is None:
        return ""
    document, block, by = found
    number = document.piece_at(block.start + by)
    piece = document.pieces[number]
    if home.key[0] == "local":
        for item in block.body.items:
            if isinstance(item, tree.Attribute) and item.name == home.key[1]:
                return piece.text[item.start - piece.origin : item.end - piece.origin]
    return piece.text[block.start - piece.origin : block.end - piece.origin]
