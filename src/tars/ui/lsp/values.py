"""What a value may be: words of its kind, references that can be resolved, functions, files, versions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from tars.lang import schema
from tars.lang.kinds import AttributeType, Kind
from tars.lang.meaning.functions import FUNCTIONS, SPECIAL
from tars.lang.meaning.resolve import MODULE_ATTRIBUTES, REFERABLE
from tars.lang.syntax import tree
from tars.ui.lsp.cursor import Cursor
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.lookup import Home, declaring_block
from tars.ui.lsp.offers import Offer, fits
from tars.ui.lsp.paths import entries, files
from tars.ui.lsp.words import JSON_TYPES, is_type, keywords, words_of

if TYPE_CHECKING:
    from tars.ui.lsp.server import Server

NAMES_MAX: Final = 400
WHOLE_MAX: Final = 100
"""So many whole references are offered at once; those whose names begin with what is typed come first."""
_PATH_KINDS: Final = frozenset(
    {Kind.PATH, Kind.PATHS, Kind.SOURCE, Kind.INPUTS, Kind.SCHEMA, Kind.FILES, Kind.ENTRY_POINT}
)
_TYPES: Final = ("string", "number", "bool", "any", "list", "set", "map", "tuple", "object")
_ITEM = types.CompletionItemKind


def of_value(sight: Sight, cursor: Cursor, known: AttributeType | None) -> Iterator[Offer]:
    """What may begin a value: the words of its kind first, then references and functions."""
    if cursor.is_key:
        yield from _keys(cursor, known)
        return
    keys = [frame.key for frame in cursor.objects]
    if known is not None and known.kind is Kind.SCHEMA and keys:
        for word in JSON_TYPES if is_type(keys) else ():
            yield Offer(f'"{word}"', _ITEM.EnumMember, "a type in JSON Schema", rank=0)
    elif known is not None and cursor.inner in ("", "["):
        for word in words_of(known, cursor.blocks[-1].type if cursor.blocks else ""):
            yield Offer(f'"{word}"', _ITEM.EnumMember, known.name, rank=0)
        if known.kind in (Kind.BOOL, Kind.COMPILE, Kind.COUNT_OR_BOOL):
            yield Offer("true", _ITEM.Keyword, rank=0)
            yield Offer("false", _ITEM.Keyword, rank=0)
        if known.kind is Kind.TYPE:
            for word in _TYPES:
                yield Offer(word, _ITEM.TypeParameter, "a type", rank=0)
            return
    for name in dict.fromkeys(cursor.bound):
        yield Offer(name, _ITEM.Variable, "of this `for`", rank=0)
    yield from _whole(sight, cursor, known)
    yield from _roots(sight, sight.path)
    if cursor.inner in ("[", "{"):
        result = "$3" if cursor.inner == "[" else "$1 => $3"
        yield Offer("for", _ITEM.Snippet, "each of a list", snippet=f"for ${{1:item}} in $2 : {result}", rank=4)
    for name, (signature, doc) in _functions().items():
        yield Offer(name, _ITEM.Function, signature, doc, f"{name}($0)", f"{name}(", rank=5)


def _keys(cursor: Cursor, known: AttributeType | None) -> Iterator[Offer]:
    """The keys of an object: keywords of JSON Schema in a schema, and in others what the user calls them."""
    if known is None or known.kind is not Kind.SCHEMA:
        return
    is_open = cursor.kind == "string"
    for name, snippet in keywords([frame.key for frame in cursor.objects[:-1]], cursor.objects[-1].written):
        label = name if is_open or name.isalpha() else f'"{name}"'
        if is_open:
            yield Offer(label, _ITEM.Property, "of JSON Schema", rank=0)
        else:
            shown = label.replace("$", "\\$")
            yield Offer(label, _ITEM.Property, "of JSON Schema", "", f"{shown} = {snippet}", f"{label} = ", rank=0)


def _whole(sight: Sight, cursor: Cursor, known: AttributeType | None) -> Iterator[Offer]:
    """Whole references, so that one word finds what stands at the end of three."""
    word = cursor.word
    own = cursor.blocks[0].labels[0] if cursor.blocks and cursor.blocks[0].labels else ""
    places = [(sight.path, "")] + [(path, f"{name}.") for name, path in sight.project.includes(sight.path).items()]
    is_module = known is not None and known.kind is Kind.REFERENCES
    count = 0
    for path, before in places:
        document = sight.project.document(path)
        declared = list(document.index.declared) if document else []
        for key in (one for one in declared if one[0] in ("module", "var", "local") and fits(one[1], word)):
            if key[0] != "module":
                if not before and not is_module:
                    yield Offer(f"{key[0]}.{key[1]}", _ITEM.Variable, _title(sight, path, key), rank=2)
                    count += 1
            elif before or key[1] != own:
                for block in _blocks_of(sight, path, key):
                    address = f"{before}{schema.canonical_type(block.type)}.{key[1]}"
                    label = address if is_module else f"{address}.output"
                    yield Offer(label, _ITEM.Module, _title(sight, path, key), rank=1)
                    count += 1
            if count >= WHOLE_MAX:
                return


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
    if cursor.objects:
        if cursor.is_key:
            yield from _keys(cursor, known)
        elif known.kind is Kind.SCHEMA and is_type([frame.key for frame in cursor.objects]):
            for word in JSON_TYPES:
                yield Offer(word, _ITEM.EnumMember, "a type in JSON Schema", rank=0)
        return
    for word in words_of(known, cursor.blocks[-1].type if cursor.blocks else ""):
        yield Offer(word, _ITEM.EnumMember, known.name, rank=0)
    if known.kind is Kind.PINS:
        yield from _versions(server, sight, cursor)
    elif known.kind is Kind.ENTRY_POINT or known.name == "entry_point":
        yield from entries(sight, cursor, known)
    elif known.kind in _PATH_KINDS or known.name == "evidence":
        yield from files(sight, cursor, known)
    elif known.name in ("supports", "contradicts") and len(cursor.blocks) > 1 and cursor.blocks[0].labels:
        for key in sight.document.index.declared:
            if key[0] == "belief" and key[1] == cursor.blocks[0].labels[0]:
                yield Offer(key[2], _ITEM.Reference, "a belief of this graph")


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
    wanted = (schema.canonical_type(written), "agent_module")
    return any(schema.canonical_type(block.type) in wanted for block in _blocks_of(sight, path, key))


def _blocks_of(sight: Sight, path: str, key: tuple[str, ...]) -> Iterator[tree.Block]:
    """The blocks that declare a module."""
    document = sight.project.document(path)
    for piece in document.index.declared.get(key, {}) if document else ():
        for item in piece.items:
            if isinstance(item, tree.Block) and item.labels and item.labels[0].text == key[1]:
                yield item


def _title(sight: Sight, path: str, key: tuple[str, ...]) -> str:
    return f"{key[0]} of {path}" if path != sight.path else key[0].replace("_", " ")


def _functions() -> dict[str, tuple[str, str]]:
    return {name: (one.signature, one.doc) for name, one in FUNCTIONS.items()} | dict(SPECIAL)


def _versions(server: "Server", sight: Sight, cursor: Cursor) -> Iterator[Offer]:
    language = schema.pin_language(cursor.attribute)
    names = [key[1] for key in sight.document.index.declared if key[0] == "module"]
    names = [name for name in names if _is_of(sight, sight.path, ("module", name), f"{language}_module")] or names
    for name in names[:NAMES_MAX]:
        facts = server.facts.of(sight.project, name)
        for rank, number in enumerate(facts.versions if facts else ()):
            yield Offer(f"{name}@v{number}", _ITEM.Value, "a stored version", rank=rank)
        yield Offer(f"{name}@latest", _ITEM.Value, "the newest version", rank=0)


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
