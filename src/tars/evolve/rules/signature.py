"""E0104: no breaking change of the schema of a source: the function that is called keeps its parameters."""

import ast
from collections.abc import Iterator

from tars.evolve.rule import Change, Rule


class Signature:
    code = "E0104"
    languages = ("python",)

    def check(self, change: Change) -> Iterator[str]:
        old, new = _parameters(change.before, change.entry), _parameters(change.after, change.entry)
        if old is not None and old != new:
            now = "is gone" if new is None else f"takes ({', '.join(new)})"
            yield f"`{change.entry}` takes ({', '.join(old)}) in the version before, and now {now}"


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
