"""T0055: an output would lie in the folder in which TARS keeps its own state."""

from collections.abc import Iterator

from tars.core.values import Diagnostic
from tars.lang.meaning.resolved import Resolved, finding, place_of

CODE = "T0055"
TITLE = "output inside `.tars`"
EXPLANATION = """
`.tars` holds the project's history and is TARS's own; `.git` is git's. An agent that writes there could destroy what
makes its own changes undoable. So are `versions` and `logs` in the output folder. Write the output anywhere else in the
project. An output cannot be the project's folder itself either.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  output = ".tars/out.json"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  output = "output/out.json"
}
"""


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    own = tuple(f"{resolved.settings.output}/{name}".removeprefix("./") for name in ("versions", "logs"))
    for part, module in resolved.modules:
        for path in (*module.outputs, module.artifact, *module.resources.files_write):
            first = path.partition("/")[0].lower()
            held = next((name for name in own if f"{path}/".startswith(f"{name}/")), "")
            if first not in (".tars", ".git", ".") and not held:
                continue
            attribute = "output" if path in module.outputs or "artifact" not in part.attributes else "artifact"
            where = "the project's folder itself" if first == "." else f"in `{held or first}`, which is not for agents"
            yield finding(CODE, place_of(part, attribute), f"the output `{path}` is {where}", 'write to "output/…"')
