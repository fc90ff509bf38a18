"""T0055: an output would lie in the folder in which TARS keeps its own state."""

from collections.abc import Iterator

from tars.core.values import Diagnostic
from tars.lang.meaning.resolved import Resolved, finding, place_of

CODE = "T0055"
TITLE = "output inside `.tars`"
EXPLANATION = """
`.tars` holds the project's history and is TARS's own; `.git` is git's. An agent that writes there could destroy what
makes its own changes undoable. So are `versions` and `logs` in the output folder. Write the output anywhere else in the
project. An output cannot be the project's folder itself either, and a folder that `resources` lets an agent write
cannot hold any of these. What a module writes there without declaring it, the run refuses.
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
    settings = resolved.settings
    for part, module in resolved.modules:
        for path in (*module.outputs, module.artifact, *module.resources.files_write):
            kept = settings.kept(path)
            if path == ".":
                where = "the project's folder itself"
            elif kept:
                where = f"in `{kept}`, which is not for agents"
            elif path in module.resources.files_write and (held := _held(settings.own, path)):
                where = f"a folder that holds `{held}`, which is not for agents"
            else:
                continue
            attribute = "output" if path in module.outputs or "artifact" not in part.attributes else "artifact"
            yield finding(CODE, place_of(part, attribute), f"the output `{path}` is {where}", 'write to "output/…"')


def _held(own: tuple[str, ...], path: str) -> str:
    return next((name for name in own if name.lower().startswith(f"{path.lower()}/")), "")
