"""T0050: a file that is named does not exist."""

from collections.abc import Iterator
from os import listdir

from tars.core.near import close_matches
from tars.core.values import Diagnostic, Span
from tars.lang.meaning.resolved import Resolved, finding

CODE = "T0050"
TITLE = "missing file"
EXPLANATION = """
A `source`, an `input`, a schema or a file that a function reads does not exist. Paths are relative to the folder of
the metascript. What another module writes is named by a reference, `python_module.clean.output`, not by its path: only
so is it known that the one has to run before the other.
"""
WRONG = """
python_module "clean" {
  source = "agents/claen.py"
}
"""
RIGHT = """
python_module "clean" {
  source = "agents/clean.py"
}
"""


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    places = resolved.world.places
    writers: dict[str, str] = {}
    stored = {module.source for _, module in resolved.modules if module.pin}  # in the version that the pin names
    for path, file, start, end in resolved.world.wanted:
        if path in stored or places.look(path) != "missing":
            continue
        if not writers:
            writers = {output: module.address for _, module in resolved.modules for output in module.outputs}
            writers |= {module.artifact: module.address for _, module in resolved.modules if module.artifact}
        writer = writers.get(path)
        made = f"`{writer}` makes it: refer to it as `{writer}.output`"
        hint = made if writer else _nearest(places.project, path)
        yield finding(CODE, Span(file, start, end), f"there is no file or folder `{path}` in the project", hint)


def _nearest(project: str, path: str) -> str:
    folder, _, name = path.rpartition("/")
    try:
        near = close_matches(name, listdir(f"{project}/{folder}"), n=1)
    except OSError:
        return f"there is no folder `{folder}` either; paths are relative to the metascript's folder"
    if "*" in name:
        return f'for several files, write `fileset("{folder or "."}", "{name}")`'
    if near:
        return f"did you mean `{folder}/{near[0]}`?".replace("`/", "`")
    return "paths are relative to the metascript's folder"
