"""T0045: something needs itself."""

from collections.abc import Iterator

from tars.core.values import Diagnostic, Related
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.order import order
from tars.lang.meaning.resolve import ModulePart
from tars.lang.meaning.resolved import Resolved, finding, place_of

CODE = "T0045"
TITLE = "cycle"
EXPLANATION = """
A module, a variable or a computed value needs itself, directly or by way of others. The message names the whole cycle,
in the order of its references. Nothing in a cycle could ever be first, so one of the references has to go: hand the
data over in one direction only, or split one of the modules in two.
"""
WRONG = """
python_module "a" {
  source = "agents/clean.py"
  input  = python_module.b.output
  output = "output/a.json"
}

python_module "b" {
  source = "agents/clean.py"
  input  = python_module.a.output
  output = "output/b.json"
}
"""
RIGHT = """
python_module "a" {
  source = "agents/clean.py"
  input  = "data/in.json"
  output = "output/a.json"
}

python_module "b" {
  source = "agents/clean.py"
  input  = python_module.a.output
  output = "output/b.json"
}
"""


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    """Cycles among modules; those among values are found where they are computed."""
    parts = {module.address: part for part, module in resolved.modules}
    needs = {module.address: module.needs for _, module in resolved.modules}
    for cycle in order(needs)[1]:
        first, *others = cycle[:-1]
        related = tuple(Related(place_of(parts[name]), f"`{name}` is part of it") for name in others)
        message = f"modules need each other: {' → '.join(cycle)}"
        place = place_of(parts[first], _attribute(parts[first], cycle[1]))
        yield finding(CODE, place, message, "take one of these references out", related)


def _attribute(module: ModulePart, needed: str) -> str:
    """The attribute of a module whose value rests on another one; empty where none does, as in a nested block."""
    for name, attribute in module.attributes.items():
        context = module.scope.context()
        context.diagnostics = []
        value = evaluate(attribute.value, context)
        listed = value if isinstance(value, tuple) else (value,)
        if needed in context.needs or (name == "depends_on" and needed.rpartition(".")[2] in listed):
            return name
    return ""
