"""Python: a script, one function of a file, or a package folder, in a virtual environment where one is needed."""

import os
import re
from typing import Final

from tars.core.values import Diagnostic
from tars.runner.building.sources import folder_of, found_at, joined, refused, under
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._python_imports import local_files
from tars.runner.toolchains._python_needs import environment_of
from tars.runner.toolchains._python_wasm import as_component
from tars.runner.toolchains._tools import COMPONENTIZE_PY, WASMTIME, python
from tars.runner.toolchains._wasm_host import target_of, wants_wasm
from tars.runner.values import BuildPlan, EnvironmentPlan, Found, Outcome, Source, Step, Tool

_FRAME: Final = re.compile(rb'^ *File "(?P<path>[^"\n]+)", line (?P<line>\d+)', re.MULTILINE)
_ERROR: Final = re.compile(rb"^(?P<name>[A-Za-z_][\w.]*)(?:: (?P<message>[^\n]*))?\r?$", re.MULTILINE)
_ENV: Final = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
_BESIDE_ENVIRONMENT: Final = "Scripts/python.exe" if os.name == "nt" else "bin/python"


class Python:
    name = "python"
    suffixes = (".py",)

    def tools(self, source: Source) -> tuple[Tool, ...]:
        own = (python(source.module.runtime),)
        return (*own, COMPONENTIZE_PY, WASMTIME) if target_of(source) else own

    def sample(self) -> tuple[str, bytes]:
        return "agent.py", b"import shutil\nimport sys\n\nshutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)\n"

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        tool = python(source.module.runtime).name
        program, environment = f"{{tool:{tool}}}", None
        folder = _existing_environment(source)
        if folder is not None:
            program = f"{{project}}/{folder}/{_BESIDE_ENVIRONMENT}"
        else:
            environment = environment_of(source, tool)
            if environment is not None:
                program = f"{{environment}}/{_BESIDE_ENVIRONMENT}"
        make = _package if source.is_folder else _file
        plan = make(source, program, environment)
        return as_component(plan, source) if wants_wasm(source) else plan

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        """The last frame of a traceback that is in the project, with the error that ended the program."""
        text = outcome.stderr
        frames = list(_FRAME.finditer(text))
        errors = [match for match in _ERROR.finditer(text, frames[-1].end()) if match["name"]] if frames else []
        if not errors:
            return ()
        name, message = errors[-1]["name"].decode("utf-8", "replace"), errors[-1]["message"] or b""
        title = f"{name}: {message.decode('utf-8', 'replace')}".removesuffix(": ")
        for frame in reversed(frames):
            path = frame["path"].decode("utf-8", "replace")
            place = found_at(source, f"python:{name.rpartition('.')[2]}", title, path, int(frame["line"]))
            if place is not None:
                return (place,)
        return ()


def _file(source: Source, program: str, environment: EnvironmentPlan | None) -> BuildPlan:
    module = source.module
    if module.source not in source.files:
        raise refused(source, f"there is no file `{module.source}`", "write its path relative to the project")
    reads = local_files(source.files, module.source, folder_of(source))
    argv: tuple[str, ...]
    if module.entry_point:
        argv = (program, "{shims}/python_function.py", "{source}", module.entry_point)
    else:
        argv = (program, "{source}")
    return BuildPlan(Step(argv, _ENV), reads, environment=environment)


def _package(source: Source, program: str, environment: EnvironmentPlan | None) -> BuildPlan:
    """`entry_point` is `module`, `module:function`, `module.function` or a name in `[project.scripts]`; without one the
    folder's `__main__.py` is run, or that of the single package in it."""
    folder = folder_of(source)
    reads = under(source, folder)
    base, package = _package_place(source, folder)
    entry = source.module.entry_point
    env = {**_ENV, "PYTHONPATH": "{project}/" + base if base else "{project}"}
    if not entry:
        if joined(folder, "__main__.py") in source.files and not package:
            return BuildPlan(Step((program, "{source}"), _ENV), reads, environment=environment)
        if not package or joined(base, f"{package}/__main__.py") not in source.files:
            hint = 'add `__main__.py`, or name the start as `entry_point = "module:function"`'
            raise refused(source, f"the package `{folder or '.'}` does not say how it starts", hint)
        return BuildPlan(Step((program, "-m", package), env), reads, environment=environment)
    entry = _script(source, folder, entry) or entry
    module, _, function = entry.partition(":")
    if not function and not _has_module(source, base, module):
        module, _, function = module.rpartition(".")
        module = module or package or "__main__"
    if not _has_module(source, base, module):
        hint = f"write it as `module:function`, with a module below `{base or '.'}`"
        raise refused(source, f"the package `{folder or '.'}` has no module `{module}`", hint)
    if not function:
        return BuildPlan(Step((program, "-m", module), env), reads, environment=environment)
    start = "{project}/" + base if base else "{project}"
    argv = (program, "{shims}/python_function.py", start, function, f"--package={module}")
    return BuildPlan(Step(argv, _ENV), reads, environment=environment)


def _package_place(source: Source, folder: str) -> tuple[str, str]:
    """The folder that belongs on `sys.path`, and the single package in it (or `""`)."""
    if joined(folder, "__init__.py") in source.files:
        parent, _, name = folder.rpartition("/")
        return parent, name
    for base in (joined(folder, "src"), folder):
        inner = base + "/" if base not in ("", ".") else ""
        rests = [path.removeprefix(inner) for path in under(source, base)]
        packages = sorted(
            rest.partition("/")[0] for rest in rests if rest.count("/") == 1 and rest.endswith("/__init__.py")
        )
        packages = [name for name in packages if name not in ("tests", "test", "docs")]
        if packages:
            return base, packages[0] if len(packages) == 1 else ""
    return folder, ""


def _has_module(source: Source, base: str, module: str) -> bool:
    stem = joined(base, module.replace(".", "/"))
    return f"{stem}.py" in source.files or f"{stem}/__init__.py" in source.files


def _script(source: Source, folder: str, name: str) -> str:
    content = source.files.get(joined(folder, "pyproject.toml"), b"")
    if b"scripts" not in content:
        return ""
    import tomllib  # noqa: PLC0415 - only for packages that declare scripts

    try:
        scripts = tomllib.loads(content.decode("utf-8", "replace")).get("project", {}).get("scripts", {})
    except tomllib.TOMLDecodeError as error:
        raise refused(source, f"`{joined(folder, 'pyproject.toml')}` is not TOML: {error}", "mend the file") from error
    return str(scripts.get(name, ""))


def _existing_environment(source: Source) -> str | None:
    """A virtual environment in the project that `environment` names, beside the source or from the project's root."""
    named = source.module.environment.strip("/")
    if not named:
        return None
    candidates = (joined(folder_of(source), named), joined("", named))
    return next((one for one in candidates if not one.startswith("..") and f"{one}/pyvenv.cfg" in source.files), None)


PLUGIN: Toolchain = Python()
