"""T0069: what a module reads would change by what it writes."""

from collections.abc import Iterator

from tars.core.values import Diagnostic
from tars.lang.meaning.resolved import Resolved, finding, place_of
from tars.lang.values import PathInput

CODE = "T0069"
TITLE = "input that holds an output"
EXPLANATION = """
The input of a module is a folder that holds the module's own output, or one into which TARS writes at each run: the
output folder with its `logs` and `versions`, or the whole project. Each run would change what the next one reads, so no
result could ever stand for it. Write the output elsewhere, or name the files and folders that hold the data.
"""
WRONG = """
python_module "clean" {
  source = "agents/clean.py"
  input  = "data"
  output = "data/out.json"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
  input  = "data"
  output = "output/out.json"
}
"""


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    for part, module in resolved.modules:
        for given in module.inputs:
            if not isinstance(given, PathInput):
                continue
            held = next((path for path in (*module.outputs, *resolved.settings.own) if _holds(given.path, path)), "")
            if held:
                what = f"the module's own output `{held}`" if held in module.outputs else f"`{held}`, which TARS writes"
                hint = "write the output elsewhere, or name what the module is to read"
                yield finding(CODE, place_of(part, "input"), f"the input `{given.path}` holds {what}", hint)


def _holds(folder: str, path: str) -> bool:
    return folder == "." or path.startswith(f"{folder}/")
