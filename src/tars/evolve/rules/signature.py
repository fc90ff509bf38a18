"""E0104: no breaking change of the schema of a source: the function that is called keeps its parameters."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from tars.core.errors import UnavailableError
from tars.evolve.operator import SOURCES
from tars.evolve.rule import Change, Rule
from tars.evolve.sources.files import files_in
from tars.evolve.sources.languages import language_of, parser_of
from tars.runner.toolchains._rust_source import function


class Signature:
    code = "E0104"
    languages = SOURCES

    def check(self, change: Change) -> Iterator[str]:
        before = files_in(change.before)
        for file, text in files_in(change.after).items():
            if text == before.get(file):
                continue
            language = language_of(file, change.language)
            old, new = (_parameters(each, change.entry, language) for each in (before.get(file, ""), text))
            if old is not None and old != new:
                now = "is gone" if new is None else f"takes ({', '.join(new)})"
                yield f"`{change.entry}` takes ({', '.join(old)}) in the version before, and now {now}"


@lru_cache(maxsize=64)
def _parameters(text: str, entry: str, language: str) -> list[str] | None:
    """None where the text defines no such function."""
    if language == "rust":
        rust = function(text, entry)
        return None if rust is None else [*rust.takes, f"-> {rust.gives}"]
    return _python(text, entry) if language == "python" else _script(text, entry, language)


def _script(text: str, entry: str, language: str) -> list[str] | None:
    """Of a function that JavaScript or TypeScript declares; as it is written, types and defaults with it."""
    try:
        waiting = [parser_of(language).parse(text.encode()).root_node]
    except UnavailableError:
        return None
    while waiting:
        node = waiting.pop()
        name, takes = (node.child_by_field_name(field) for field in ("name", "parameters"))
        if node.type == "function_declaration" and name is not None and name.text == entry.encode() and takes:
            return [(one.text or b"").decode() for one in takes.named_children]
        if node.type in ("program", "export_statement"):
            waiting += node.children
    return None


def _python(text: str, entry: str) -> list[str] | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = [one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name == entry]
    if not found:
        return None
    arguments = found[-1].args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [one.arg for one in listed]


PLUGIN: Rule = Signature()
