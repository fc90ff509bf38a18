"""A Python module as a WebAssembly component, made by componentize-py: CPython, and all that the module imports."""

import os
from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.runner.building.expand import SHIMS
from tars.runner.building.sources import under
from tars.runner.toolchains._wasm_host import WASM, for_wasm
from tars.runner.values import BuildPlan, Source, Step

_WIT: Final = "wasm_python.wit"
_MADE_OF: Final = ("wasm_python.py", "python_function.py", _WIT)


def as_component(plan: BuildPlan, source: Source) -> BuildPlan:
    """The component that does what the command of the native plan does, from the same files."""
    command = [_in_project(part, source) for part in plan.command.argv[1:]]
    command[0] = command[0].removeprefix("{shims}/")
    root = _in_project(plan.command.env.get("PYTHONPATH", ""), source)
    if "PYTHONPATH" not in plan.command.env:
        package = command[0] == "python_function.py" and len(command) > 3
        start = command[1] if command[0] == "python_function.py" else command[0]
        root = start if package or not start.endswith(".py") else os.path.dirname(start)
    reads = dict.fromkeys((*plan.reads, *(under(source, source.module.source) if source.is_folder else ())))
    sources = {path: source.files[path].decode("utf-8", "surrogateescape") for path in reads if path.endswith(".py")}
    spec = f"COMMAND = {command!r}\nROOTS = {['' if root == '.' else root]!r}\nSOURCES = {sources!r}\n"
    files = {"tars_agent.py": spec.encode("utf-8", "surrogateescape"), "lib/site-packages/README": b"No packages.\n"}
    for name in _MADE_OF:
        with open(os.path.join(SHIMS, name), "rb") as file:
            files[name] = file.read()
    argv = (
        *("{tool:componentize-py}", "--quiet", "--wit-path", f"{{build}}/{_WIT}", "--world", "agent"),
        *("componentize", "--python-path", "{build}", "wasm_python", "--output", f"{{build}}/{WASM}"),
    )
    # It takes the packages of this environment, where otherwise it would take those of the Python that it is part of.
    env = {"VIRTUAL_ENV": "{environment}" if plan.environment else "{build}"}
    return for_wasm(replace(plan, steps=(Step(argv, env, cwd="{build}"),), files=files), source)


def _in_project(part: str, source: Source) -> str:
    """A part of the native command with paths relative to the project."""
    if part == "{source}":
        return source.module.source or "."
    return "." if part == "{project}" else part.removeprefix("{project}/")
