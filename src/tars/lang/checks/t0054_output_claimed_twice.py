"""T0054: two modules write the same file."""

from collections.abc import Iterator

from tars.core.values import Diagnostic, Related
from tars.lang.meaning.resolve import ModulePart
from tars.lang.meaning.resolved import Resolved, finding, place_of

CODE = "T0054"
TITLE = "output claimed by two modules"
EXPLANATION = """
Two modules declare the same output, or one declares a folder that holds an output of the other, or an output is the
source file of a module or a folder that holds one. What is in the file would depend on which of them ran last. Give
each its own path. Nor is an output a file of the metascript or an output schema: a run would replace what says what it
is to do. The run holds modules to the same where they write what they do not declare.
"""
WRONG = """
python_module "a" {
  source = "agents/clean.py"
  output = "output/out.json"
}

rust_module "b" {
  source = "agents/count.rs"
  output = "output/out.json"
}
"""
RIGHT = """
python_module "a" {
  source = "agents/clean.py"
  output = "output/a.json"
}

rust_module "b" {
  source = "agents/count.rs"
  output = "output/b.json"
}
"""


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    claims: dict[str, tuple[ModulePart, str, str]] = {}
    sources: dict[str, str] = {}
    schemas = {module.output_schema for _, module in resolved.modules if isinstance(module.output_schema, str)}
    for part, module in resolved.modules:
        if module.source:
            sources.setdefault(module.source, module.address)
        for path in (*module.outputs, *([module.artifact] if module.artifact else [])):
            attribute = "artifact" if path == module.artifact and "artifact" in part.attributes else "output"
            first = claims.setdefault(path, (part, attribute, module.address))
            if first[0] is not part:
                yield _clash(part, attribute, path, module.address, first)
    for path, (part, attribute, address) in claims.items():
        if path in sources and resolved.world.places.look(path) == "file":
            message = f"the output `{path}` is the source of `{sources[path]}`"
            yield finding(CODE, place_of(part, attribute), message, "write to another path")
        elif path in resolved.texts or path in schemas:
            what = "a file of the metascript" if path in resolved.texts else "an output schema"
            yield finding(CODE, place_of(part, attribute), f"the output `{path}` is {what}", "write to another path")
        parent = path.rpartition("/")[0]
        while parent:
            outer = claims.get(parent)
            if outer is not None and outer[0] is not part:
                yield _clash(part, attribute, path, address, outer)
            parent = parent.rpartition("/")[0]
    for _, module in resolved.modules:
        folder = module.source.rpartition("/")[0]
        while folder:
            claim = claims.get(folder)
            if claim is not None and claim[2] not in module.needs:  # what an earlier module writes may be run
                message = f"the output `{folder}` holds the source of `{module.address}`"
                yield finding(CODE, place_of(claim[0], claim[1]), message, "write to another folder")
            folder = folder.rpartition("/")[0]


def _clash(part: ModulePart, attribute: str, path: str, address: str, first: tuple[ModulePart, str, str]) -> Diagnostic:
    related = (Related(place_of(first[0], first[1]), f"claimed by `{first[2]}` here"),)
    message = f"`{path}` is an output of `{first[2]}` already"
    return finding(CODE, place_of(part, attribute), message, f"give `{address}` a path of its own", related)
