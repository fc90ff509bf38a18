"""What each piece of a metascript declares and refers to, and where in all pieces of a file a name stands."""

from collections.abc import Iterable, Iterator
from posixpath import normpath
from typing import Final, NamedTuple, TypeAlias

from tars.lang import schema
from tars.lang.meaning.resolve import REFERABLE
from tars.lang.syntax import tree
from tars.lang.syntax.pieces import Change, Piece

Key: TypeAlias = tuple[str, ...]
"""A name and what it is of: `("module", "rank")`, `("var", "top")`, `("belief", "lab", "b1")`, `("include", "other")`;
what is in an included file has `"in", namespace` before it. `("path", "output/a.json")` is a file that is written."""


class Named(NamedTuple):
    """A name in the text: at `[start, end)`, offsets in the text of its piece."""

    key: Key
    start: int
    end: int


class Names(NamedTuple):
    declared: tuple[Named, ...]
    used: tuple[Named, ...]


_NONE: Final = Names((), ())
_COMMON: Final = frozenset({"include", "settings"})
_WRITTEN: Final = frozenset({"output", "artifact", "build_output", "compiled_output"})
_READ: Final = frozenset({"source", "file", "source_file", "entry_point", "input", "inject", "inject_data"})


def names_in(piece: Piece) -> Names:
    """The names of a piece, worked out once."""
    known = piece.notes.get("names")
    if known is None:
        known = piece.notes["names"] = _names(piece) if piece.items else _NONE
    assert isinstance(known, Names)
    return known


class Index:
    """Which pieces of a file declare and use each name."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.declared: dict[Key, dict[Piece, None]] = {}
        self.used: dict[Key, dict[Piece, None]] = {}
        self.common: dict[Piece, None] = {}
        """Pieces that bear on all others: includes, settings, pins, and whatever cannot be read."""
        self.missing: dict[Key, None] = {}
        """What is used and not declared."""
        for piece in pieces:
            self._add(piece)

    def apply(self, change: Change) -> None:
        """Follow an edit."""
        for piece in change.removed:
            self.common.pop(piece, None)
            names = names_in(piece)
            for table, found in ((self.declared, names.declared), (self.used, names.used)):
                for named in found:
                    holders = table.get(named.key)
                    if holders is not None:
                        holders.pop(piece, None)
                        if not holders:
                            del table[named.key]
                            if table is self.declared and named.key in self.used:
                                self.missing[named.key] = None
                            else:
                                self.missing.pop(named.key, None)
        for piece in change.added:
            self._add(piece)

    def _add(self, piece: Piece) -> None:
        names = names_in(piece)
        if piece.diagnostics or any(isinstance(item, tree.Attribute) or item.type in _COMMON for item in piece.items):
            self.common[piece] = None
        for named in names.declared:
            self.declared.setdefault(named.key, {})[piece] = None
            self.missing.pop(named.key, None)
        for named in names.used:
            self.used.setdefault(named.key, {})[piece] = None
            if named.key not in self.declared:
                self.missing[named.key] = None


def _names(piece: Piece) -> Names:
    declared: list[Named] = []
    used: list[Named] = []
    for item in piece.items:
        if isinstance(item, tree.Block):
            declared += _declared(item, piece)
            used += _of_block(item, piece)
        else:
            used += _pins(item, piece)
    by = piece.origin
    return Names(
        tuple([Named(key, start - by, end - by) for key, start, end in declared]),
        tuple([Named(key, start - by, end - by) for key, start, end in used]),
    )


def _inside(label: tree.Label | tree.Literal, piece: Piece) -> tuple[int, int]:
    """Where the text of a label or of a string stands, without the quotes."""
    quoted = piece.text[label.start - piece.origin : label.start - piece.origin + 1] == '"'
    return label.start + quoted, label.end - quoted


def _declared(block: tree.Block, piece: Piece) -> Iterator[Named]:
    label = block.labels[0] if block.labels else None
    if block.type == "locals":
        for item in block.body.items:
            if isinstance(item, tree.Attribute):
                yield Named(("local", item.name), item.start, item.start + len(item.name))
    elif block.type == "include":
        yield from _namespace(block, piece)
    elif label is None:
        return
    elif schema.is_module(block.type):
        yield Named(("module", label.text), *_inside(label, piece))
        for item in block.body.items:
            if isinstance(item, tree.Attribute) and item.name in _WRITTEN:
                for literal in _strings(item.value):
                    yield Named(("path", normpath(str(literal.value))), literal.start, literal.end)
    elif block.type == "variable":
        yield Named(("var", label.text), *_inside(label, piece))
    elif block.type in REFERABLE:
        yield Named((block.type, label.text), *_inside(label, piece))
        for item in block.body.items:
            if isinstance(item, tree.Block) and item.type == "belief" and item.labels:
                yield Named(("belief", label.text, item.labels[0].text), *_inside(item.labels[0], piece))


def _namespace(block: tree.Block, piece: Piece) -> Iterator[Named]:
    """The namespace that an `include` makes, at its `as`, else at its path."""
    found = {item.name: item.value for item in block.body.items if isinstance(item, tree.Attribute)}
    for name in ("as", "path"):
        value = found.get(name)
        if isinstance(value, tree.Literal) and isinstance(value.value, str):
            text = value.value if name == "as" else value.value.rpartition("/")[2].removesuffix(".tars")
            yield Named(("include", text), *_inside(value, piece))
            return


def included_path(block: tree.Block) -> str | None:
    """The path that an `include` block names, as it is written."""
    for item in block.body.items:
        if isinstance(item, tree.Attribute) and item.name == "path" and isinstance(item.value, tree.Literal):
            return item.value.value if isinstance(item.value.value, str) else None
    return None


def _of_block(block: tree.Block, piece: Piece, graph: str = "") -> Iterator[Named]:
    if block.type == "evolve" and block.labels:
        yield Named(("module", block.labels[0].text), *_inside(block.labels[0], piece))
    for item in block.body.items:
        if isinstance(item, tree.Block):
            own = block.labels[0].text if block.type == "belief_graph" and block.labels else graph
            yield from _of_block(item, piece, own)
        elif graph and block.type == "belief" and item.name in ("supports", "contradicts"):
            for literal in _strings(item.value):
                yield Named(("belief", graph, str(literal.value)), *_inside(literal, piece))
        elif item.name in ("depends_on", "agents"):
            for literal in _strings(item.value):
                _, end = _inside(literal, piece)
                name = str(literal.value).rpartition(".")[2]
                yield Named(("module", name), end - len(name), end)
            yield from _uses(item.value, frozenset())
        else:
            yield from _uses(item.value, frozenset())
            if item.name in _WRITTEN or item.name in _READ:
                yield from _paths(item)


def _paths(item: tree.Attribute) -> Iterator[Named]:
    """The paths that an attribute names and the folders that hold them: others may write these."""
    for literal in _strings(item.value):
        path = normpath(str(literal.value).partition(":")[0])
        while path and path not in (".", "/"):
            yield Named(("path", path), literal.start, literal.end)
            path = path.rpartition("/")[0]


def _strings(node: tree.Expression) -> Iterator[tree.Literal]:
    for item in node.items if isinstance(node, tree.Tuple) else (node,):
        if isinstance(item, tree.Literal) and isinstance(item.value, str):
            yield item


def _pins(item: tree.Attribute, piece: Piece) -> Iterator[Named]:
    if schema.pin_language(item.name):
        for literal in _strings(item.value):
            start, _ = _inside(literal, piece)
            name = str(literal.value).partition("@")[0]
            yield Named(("module", name), start, start + len(name))


def _uses(node: object, bound: frozenset[str]) -> Iterator[Named]:
    if isinstance(node, tree.GetAttribute | tree.Index):
        steps: list[tree.GetAttribute | tree.Index] = []
        at: object = node
        while isinstance(at, tree.GetAttribute | tree.Index):
            steps.append(at)
            if isinstance(at, tree.Index):
                yield from _uses(at.key, bound)
            at = at.source
        steps.reverse()
        if isinstance(at, tree.Name):
            if at.name not in bound:
                yield from _chain(at.name, at, steps)
        else:
            yield from _uses(at, bound)
    elif isinstance(node, tree.For | tree.TemplateFor):
        yield from _uses(node.collection, bound)
        inner = bound | {node.key, node.value}
        parts = node.parts if isinstance(node, tree.TemplateFor) else (node.result_key, node.result, node.condition)
        for part in parts:
            yield from _uses(part, inner)
    elif isinstance(node, tuple):
        for item in node:
            if isinstance(item, tuple):
                yield from _uses(item, bound)


def _chain(root: str, at: tree.Name, steps: list[tree.GetAttribute | tree.Index]) -> Iterator[Named]:
    """The names along `root.step.step…`, which may lead through namespaces."""
    before: Key = ()
    start, end = at.start, at.end
    while True:
        first = _key(steps[0]) if steps else None
        kind = "module" if schema.is_module(root) else root
        if kind == "module" or kind in ("var", "local", *REFERABLE):
            if first is not None:
                yield Named((*before, kind, first[0]), first[1], first[2])
            return
        yield Named((*before, "include", root), start, end)
        if first is None:
            return
        before = (*before, "in", root)
        root, start, end = first
        steps = steps[1:]


def _key(step: tree.GetAttribute | tree.Index) -> tuple[str, int, int] | None:
    if isinstance(step, tree.GetAttribute):
        return step.name, step.name_start, step.end
    key = step.key
    if isinstance(key, tree.Literal) and isinstance(key.value, str):
        return key.value, key.start + 1, key.end - 1
    return None
