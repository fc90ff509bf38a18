"""E0104: no breaking change of the schema of a source: the function that is called keeps its parameters."""

import ast
from collections.abc import Iterator

from tars.evolve.files import files_in
from tars.evolve.rule import Change, Rule
from tars.runner.toolchains._rust_source import function


class Signature:
    code = "E0104"
    languages = ("python", "rust")

    def check(self, change: Change) -> Iterator[str]:
        before = files_in(change.before)
        for file, text in files_in(change.after).items():
            if text == before.get(file):
                continue
            read = _rust if change.language == "rust" else _parameters
            old, new = read(before.get(file, ""), change.entry), read(text, change.entry)
            if old is not None and old != new:
                now = "is gone" if new is None else f"takes ({', '.join(new)})"
                yield f"`{change.entry}` takes ({', '.join(old)}) in the version before, and now {now}"


def _rust(text: str, entry: str) -> list[str] | None:
    found = function(text, entry)
    return None if found is None else [*found.takes, f"-> {found.gives}"]


def _parameters(text: str, entry: str) -> list[str] | None:
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
