"""E0105: no wider reach: a source imports nothing of the system that the version before does not import."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from tars.evolve.operator import SOURCES
from tars.evolve.rule import Change, Rule

FORBIDDEN: Final = frozenset({
    "os", "sys", "subprocess", "socket", "ctypes", "multiprocessing", "threading", "signal", "shutil", "pickle",
    "marshal", "importlib", "builtins", "inspect", "gc", "http", "urllib", "asyncio", "ssl", "mmap", "resource", "pty",
    "child_process", "fs", "net", "worker_threads", "vm", "process", "cluster", "dgram", "https",
})  # fmt: skip
NAMES: Final = frozenset({"eval", "exec", "compile", "__import__", "open", "globals", "breakpoint", "input"})
_IMPORTS: Final = re.compile(r"""(?:from|import|require\()\s*\(?["'](?:node:)?([\w/]+)""")


class Reach:
    code = "E0105"
    languages = SOURCES

    def check(self, change: Change) -> Iterator[str]:
        for name in sorted(_reached(change.after, change.language) - _reached(change.before, change.language)):
            yield f"it uses `{name}`, which the version before does not"


def _reached(text: str, language: str) -> set[str]:
    if language != "python":
        return {name.split("/")[0] for name in _IMPORTS.findall(text)} & FORBIDDEN
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names} & FORBIDDEN
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").split(".")[0]} & FORBIDDEN
        elif isinstance(node, ast.Name) and node.id in NAMES:
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("__") and node.attr != "__init__":
            found.add(node.attr)
    return found


PLUGIN: Rule = Reach()
