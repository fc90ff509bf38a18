"""T0036: two things of one kind have the same name."""

from collections.abc import Iterator

from tars.core.values import Diagnostic, Related
from tars.lang.meaning.resolved import Resolved, finding
from tars.lang.values import Declaration

CODE = "T0036"
TITLE = "duplicate name"
EXPLANATION = """
Two modules, variables, computed values, beliefs of a graph or other blocks have the same name, so nobody could tell
which is meant. Modules share their names across languages, because versions are kept by name. An `agentic` block
without `name` is called as its file is.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
}

rust_module "clean" {
  source = "agents/count.rs"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
}

rust_module "count" {
  source = "agents/count.rs"
}
"""


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    """Agents and deployments of one name; all other names are compared where they are collected."""
    firsts: dict[tuple[str, str], Related] = {}
    for scope, part, declaration in resolved.declarations:
        name = _name(declaration)
        if not name:
            continue
        place = scope.span(part.block.start, part.block.header_end)
        first = firsts.setdefault((declaration.type, f"{scope.prefix}{name}"), Related(place, "the first one"))
        if first.span != place:
            what = "agents" if declaration.type == "agentic" else "deployments"
            hint = "give one of them another name"
            yield finding(CODE, place, f"there are two {what} called `{name}`", hint, (first,))


def _name(declaration: Declaration) -> str:
    """The name that an agent or a deployment has; empty for all others."""
    if declaration.type == "deploy":
        return "".join(declaration.labels)
    if declaration.type != "agentic":
        return ""
    stem = str(declaration.attributes.get("file", "")).rpartition("/")[2].rpartition(".")[0]
    return str(declaration.attributes.get("name", stem))
