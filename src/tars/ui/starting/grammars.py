"""Parses sources of agents with tree-sitter, each language's grammar loaded when it is needed."""

import importlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from tars.core.errors import UnavailableError, UsageError
from tars.core.extras import install_of

if TYPE_CHECKING:
    from tree_sitter import Node

LANGUAGES: Final = {
    ".py": ("python", "tree_sitter_python", "language"),
    ".rs": ("rust", "tree_sitter_rust", "language"),
    ".go": ("go", "tree_sitter_go", "language"),
    ".ts": ("typescript", "tree_sitter_typescript", "language_typescript"),
    ".mts": ("typescript", "tree_sitter_typescript", "language_typescript"),
    ".cts": ("typescript", "tree_sitter_typescript", "language_typescript"),
    ".tsx": ("typescript", "tree_sitter_typescript", "language_tsx"),
    ".js": ("javascript", "tree_sitter_javascript", "language"),
    ".mjs": ("javascript", "tree_sitter_javascript", "language"),
    ".cjs": ("javascript", "tree_sitter_javascript", "language"),
}
"""The language of a source by its suffix, with the package of its grammar and the function that gives it."""


def language_of(path: str) -> str:
    """The language of a source. Raises `UsageError` for a file of none of them."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in LANGUAGES:
        raise UsageError(
            f"`{path}` is in no language that is read here", hint=f"a block is made from {', '.join(LANGUAGES)}"
        )
    return LANGUAGES[suffix][0]


def parse(path: str, source: bytes) -> "Node":
    """The syntax tree of a source. Raises `UnavailableError` where the grammar's package is missing."""
    _, package, function = LANGUAGES[PurePosixPath(path).suffix.lower()]
    try:
        import tree_sitter  # noqa: PLC0415 - slow to load, and only this command needs it

        grammar = getattr(importlib.import_module(package), function)()
    except ModuleNotFoundError:
        name = package.replace("_", "-")
        raise UnavailableError(
            f"reading `{path}` needs {name}, which is not installed", hint=install_of("sources")
        ) from None
    return tree_sitter.Parser(tree_sitter.Language(grammar)).parse(source).root_node


def damaged(root: "Node") -> Iterator["Node"]:
    """The parts of a tree that could not be read, outermost ones alone."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            waiting.extend(node.children)
