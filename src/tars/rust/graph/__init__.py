"""The project graph: what names, types, traits and methods exist in a workspace and in the standard library."""

from collections.abc import Mapping

from tars.rust.graph.answers import GraphAnswer, Spot, SymbolAnswer, graph_of
from tars.rust.graph.indexing import IndexReport, crates_of, index_project
from tars.rust.graph.project import Project
from tars.rust.graph.reading import items_of
from tars.rust.graph.std_index import std_index
from tars.rust.graph.symbols import Graph
from tars.rust.syntax.source import SourceFile

__all__ = [
    "Graph", "GraphAnswer", "IndexReport", "Spot", "SymbolAnswer", "crates_of", "graph_of", "index_project",
    "symbols_of",
]  # fmt: skip


def symbols_of(files: Mapping[str, SourceFile], edition: str, crates: Mapping[str, str] | None = None) -> Graph:
    """The symbols of a workspace given as its files: a `tars.rust.mending.rule.Symbols`.

    Costs nothing until the first question; files whose content was read before in this process are not read again.
    `crates` gives the crate's name for each root file, where that is known: `crates_of(target)`.
    The index of the standard library is made on first use, once for each toolchain (a few seconds).
    """
    known = dict(crates or {})

    def project() -> Project:
        return Project({path: items_of(file) for path, file in files.items()}, known, std_index)

    return Graph(files, edition, project, std_index)
