"""`rust graph`: what is known of a name in a workspace, as values with places in lines and columns."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.rust.checking.workspace import Target
from tars.rust.graph.indexing import read_project
from tars.rust.graph.items import base_name
from tars.rust.graph.project import Project
from tars.rust.graph.shards import Known, joined
from tars.rust.graph.std_index import std_index
from tars.rust.graph.symbols import Graph
from tars.rust.mending.rule import Method
from tars.rust.syntax.source import SourceFile

_NOT_CODE = frozenset({"line_comment", "block_comment", "string_content", "string_literal", "raw_string_literal"})
_MENTIONS_MAX = 500


class Spot(Prefab, frozen=True):
    """A place for people: lines and columns count from 1, columns in characters."""

    path: str
    line: int
    column: int
    text: str
    """The line, without its blanks around it."""


class SymbolAnswer(Prefab, frozen=True):
    """One item of the workspace."""

    path: str
    kind: str
    visibility: str
    declaration: str
    spot: Spot
    members: tuple[str, ...] = ()
    """Fields, variants, or what a module holds, as they are declared."""
    methods: tuple[Method, ...] = ()
    traits: tuple[str, ...] = ()
    """What a type implements or derives here."""
    implementors: tuple[str, ...] = ()
    """The types that implement a trait here."""


class GraphAnswer(Prefab, frozen=True):
    """What is known of a name: the workspace's items, where it is written, the standard library's items, and, where
    there is nothing at all, the names that are nearest."""

    query: str
    symbols: tuple[SymbolAnswer, ...]
    mentions: tuple[Spot, ...]
    standard: tuple[str, ...]
    near: tuple[str, ...]


def graph_of(target: Target, query: str, cache: Path) -> GraphAnswer:
    """What is known of a name or path (`Circle`, `Circle::area`, `crate::shapes`); the index is renewed first.

    Raises `UsageError` where the query is no name or path, else what `index_project` raises.
    """
    if not re.fullmatch(r"(::)?\w+(::\w+)*", query):
        raise UsageError(f"`{query}` is no name or path", hint="ask for `Circle`, `Circle::area` or `crate::shapes`")
    project, data = read_project(target, cache)
    files = {path: SourceFile(path, one) for path, one in data.items()}
    graph = Graph(files, target.edition, lambda: project, std_index)
    name = query.rpartition("::")[2]
    found = [one for one in project.by_name[name] if _is_meant(project, one, query)]
    standard = [path for path in graph.paths_of(name) if path.startswith("std::") and f"::{path}".endswith(query)]
    mentions = tuple(_mentions(files, name)) if found or not standard else ()
    near = () if found or standard or mentions else tuple(graph.names_like(name))
    symbols = tuple(_answer(project, graph, files, one) for one in found)
    return GraphAnswer(query, symbols, mentions, tuple(standard), near)


def _is_meant(project: Project, known: Known, query: str) -> bool:
    crate = project.crates.get(known.root, "")
    wholes = (f"::crate::{known.path}", f"::{crate}::{known.path}")
    return any(whole.endswith(f"::{query.removeprefix('::')}") for whole in wholes)


def _answer(project: Project, graph: Graph, files: Mapping[str, SourceFile], known: Known) -> SymbolAnswer:
    item = known.item
    members = tuple(
        f"{one.visibility} {one.name}: {one.text}".strip() if item.kind != "enum" else one.text for one in item.members
    )
    if item.kind == "mod":
        inside = project.children[(known.root, joined(known.module, item.name))]
        members = tuple(sorted(f"{one.item.kind} {one.item.name}" for one in inside))
    is_type, is_trait = item.kind in ("struct", "enum", "union", "type"), item.kind == "trait"
    traits = {base_name(one.item.trait) for one in project.impls[item.name] if one.item.trait and not one.item.negative}
    implementors = {
        one.item.subject for group in project.impls.values() for one in group if base_name(one.item.trait) == item.name
    }
    crate = project.crates.get(known.root, "crate")
    return SymbolAnswer(
        path=f"{crate}::{known.path}",
        kind=item.kind,
        visibility=item.visibility,
        declaration=item.text,
        spot=_spot(files[known.file], item.name_start),
        members=members,
        methods=tuple(graph.methods_of(item.name)) if is_type or is_trait else (),
        traits=tuple(sorted({*traits, *item.derives})) if is_type else (),
        implementors=tuple(sorted(implementors)) if is_trait else (),
    )


def _mentions(files: Mapping[str, SourceFile], name: str) -> Iterator[Spot]:
    """Where the name stands in code, comments and texts left out."""
    word = re.compile(rb"\b" + name.encode() + rb"\b")
    count = 0
    for _, file in sorted(files.items()):
        for found in word.finditer(file.data):
            node = file.root.descendant_for_byte_range(found.start(), found.end())
            if node is None or node.type in _NOT_CODE:
                continue
            count += 1
            if count > _MENTIONS_MAX:
                return
            yield _spot(file, found.start())


def _spot(file: SourceFile, offset: int) -> Spot:
    start = file.line_start(offset)
    line = file.data.count(b"\n", 0, offset) + 1
    column = len(file.data[start:offset].decode("utf-8", "replace")) + 1
    text = file.data[start : file.line_end(offset)].decode("utf-8", "replace").strip()
    return Spot(file.path, line, column, text)
