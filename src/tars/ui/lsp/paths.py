"""Files and folders that a string may name, those first that fit its attribute; functions of a module's source."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from posixpath import join, normpath
from typing import Final

from lsprotocol import types

from tars.core.errors import TarsError
from tars.lang import schema
from tars.lang.kinds import AttributeType, Kind
from tars.lang.meaning.modules import split_entry
from tars.lang.syntax import tree
from tars.runner.toolchain import TOOLCHAINS
from tars.ui.lsp.cursor import Cursor
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.offers import Offer
from tars.ui.lsp.sources import functions, read_source

FILES_MAX: Final = 500
_ITEM = types.CompletionItemKind


def entries(sight: Sight, cursor: Cursor, known: AttributeType) -> Iterator[Offer]:
    """The functions of the module's source, with the file before them where one is typed."""
    path, _ = split_entry(cursor.word)
    folder = sight.path.rpartition("/")[0]
    source = path or _source_of(sight, cursor)
    file = sight.project.root / normpath(join(folder, source))
    if source and _is_inside(file, sight.project.root):
        for name in functions(read_source(file) or ""):
            yield Offer(f"{path}:{name}" if path else name, _ITEM.Function, f"in {source}", rank=0)
    if not source or path:
        yield from files(sight, cursor, known)


def files(sight: Sight, cursor: Cursor, known: AttributeType) -> Iterator[Offer]:
    """The files and folders of the project that the path so far may lead to."""
    folder = sight.path.rpartition("/")[0]
    typed = cursor.word.rpartition("/")[0]
    where = sight.project.root / normpath(join(folder, typed))
    if not _is_inside(where, sight.project.root):
        return
    try:
        with os.scandir(where) as found_entries:
            found = sorted((entry.name, entry.is_dir()) for entry in found_entries if not entry.name.startswith("."))
    except (OSError, ValueError):
        return
    suffixes = _suffixes(cursor, known)
    own = sight.path.rpartition("/")[2] if not typed else ""
    for name, is_folder in found[:FILES_MAX]:
        path = f"{typed}/{name}" if typed else name
        if is_folder:
            yield Offer(f"{path}/", _ITEM.Folder, rank=1)
        elif name != own or known.kind is Kind.FILES:
            yield Offer(path, _ITEM.File, rank=0 if not suffixes or name.endswith(suffixes) else 2)


def _suffixes(cursor: Cursor, known: AttributeType) -> tuple[str, ...]:
    """How the names of files end that are likely here; empty where any may be."""
    block = cursor.blocks[-1] if cursor.blocks else None
    if known.kind is Kind.SCHEMA:
        return (".json",)
    if block is not None and block.type == "include":
        return (".tars",)
    if block is None or known.kind not in (Kind.SOURCE, Kind.ENTRY_POINT):
        return ()
    language = schema.language_of(block.type) or (block.labels[0] if block.type == "agentic" and block.labels else "")
    return _of_language(language)


@cache
def _of_language(language: str) -> tuple[str, ...]:
    try:
        return TOOLCHAINS.load(language).suffixes if language in TOOLCHAINS else ()
    except TarsError:  # a plug-in that does not work; whoever runs it is told
        return ()


def _source_of(sight: Sight, cursor: Cursor) -> str:
    number = sight.document.piece_at(cursor.blocks[-1].start) if cursor.blocks else 0
    for item in sight.document.pieces[number].items:
        for inner in item.body.items if isinstance(item, tree.Block) else ():
            if isinstance(inner, tree.Attribute) and inner.name in ("source", "file", "source_file"):
                return str(inner.value.value) if isinstance(inner.value, tree.Literal) else ""
    return ""


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError):
        return False
