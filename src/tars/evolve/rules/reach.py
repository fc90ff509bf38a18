"""E0105: no wider reach: no file of a source imports of the system what it did not import in the version before."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from tars.evolve.operator import SOURCES
from tars.evolve.rule import Change, Rule
from tars.evolve.sources.files import files_in
from tars.evolve.sources.languages import language_of
from tars.runner.toolchains._rust_source import code_of

FORBIDDEN: Final = frozenset({
    "os", "sys", "subprocess", "socket", "ctypes", "multiprocessing", "threading", "signal", "shutil", "pickle",
    "marshal", "importlib", "builtins", "inspect", "gc", "http", "urllib", "asyncio", "ssl", "mmap", "resource", "pty",
    "child_process", "fs", "net", "worker_threads", "vm", "process", "cluster", "dgram", "https",
})  # fmt: skip
NAMES: Final = frozenset({"eval", "exec", "compile", "__import__", "open", "globals", "breakpoint", "input"})
RUST: Final = frozenset({
    "unsafe", "extern", "asm", "global_asm", "include", "include_str", "include_bytes", "env", "option_env", "fs",
    "net", "process", "thread", "os", "ffi", "link_section", "no_mangle", "export_name", "libc", "macro_rules", "path",
    "time", "io", "ctor", "feature", "allow", "cfg", "cfg_attr", "test", "debug_assertions",
})  # fmt: skip
_IMPORTS: Final = re.compile(r"""(?:from|import|require\()\s*\(?["'](?:node:)?([\w/]+)""")


class Reach:
    code = "E0105"
    languages = SOURCES

    def check(self, change: Change) -> Iterator[str]:
        before = files_in(change.before)
        for file, text in files_in(change.after).items():
            if text == before.get(file):
                continue
            language = language_of(file, change.language)
            for name in sorted(_reached(text, language) - _reached(before.get(file, ""), language)):
                yield f"{f'`{file}`' if file else 'it'} uses `{name}`, which the version before does not"


@lru_cache(maxsize=64)
def _reached(text: str, language: str) -> frozenset[str]:
    if language == "rust":
        counted = Counter(word for word in re.findall(r"\w+", code_of(text)) if word in RUST)
        return frozenset(word + " once more" * more for word, count in counted.items() for more in range(count))
    if language != "python":
        return FORBIDDEN & {name.split("/")[0] for name in _IMPORTS.findall(text)}
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names} & FORBIDDEN
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").split(".")[0], *(alias.name for alias in node.names)} & FORBIDDEN
        elif isinstance(node, ast.Name) and node.id in NAMES:
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("__") and node.attr != "__init__":
            found.add(node.attr)
    return frozenset(found)


PLUGIN: Rule = Reach()
