"""What JavaScript and TypeScript share: packages and their dependencies, runtimes, and stack traces."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from tars.core.values import Diagnostic
from tars.runner.building.sources import folder_of, found_at, joined, refused, under, upward
from tars.runner.building.unforeseen import LISTS_OF_PACKAGES
from tars.runner.toolchains._javascript_imports import file_at, local_files, settings_of
from tars.runner.toolchains._tools import BUN, DENO, NODE, NPM
from tars.runner.values import EnvironmentPlan, Outcome, Source, Step, Tool

_FRAME = re.compile(
    rb"^(?: +at .*?)?\(?(?:file://)?(?P<path>(?:/|[A-Za-z]:[\\/])[^\n:]*):(?P<line>\d+)(?::(?P<column>\d+))?\)?\s*$",
    re.MULTILINE,
)
_ERROR = re.compile(
    rb"^(?:Uncaught |error: |\(in promise\) )*(?P<name>(?:[A-Z]\w*)?(?:Error|Exception)): (?P<message>[^\n]*)",
    re.MULTILINE,
)

_BUNDLE_ERROR: Final = re.compile(
    rb"\[ERROR\] (?P<message>[^\n]+)\n\n +(?P<path>[^\n]+?):(?P<line>\d+):(?P<column>\d+):\n", re.MULTILINE
)

TOLD: Final = "reads.json"
"""Where esbuild lists what it read."""
RUNTIMES: Final[Mapping[str, Tool]] = {"node": NODE, "deno": DENO, "bun": BUN}


def runtime_of(source: Source) -> Tool:
    """The program that runs the module: node, or what `runtime` says."""
    name = source.module.runtime or "node"
    if name not in RUNTIMES:
        raise refused(source, f"`{name}` is not a runtime for {source.module.language}", "use node, deno or bun")
    return RUNTIMES[name]


def package_of(source: Source) -> tuple[str, dict[str, Any]]:
    """The folder of the nearest `package.json` at or above the source, and its content; `("", {})` without one."""
    for folder in upward(folder_of(source)):
        path = joined(folder, "package.json")
        if path in source.files:
            try:
                content = json.loads(source.files[path])
            except ValueError as error:
                raise refused(source, f"`{path}` is not JSON: {error}", "mend the file") from error
            return folder, content if isinstance(content, dict) else {}
    return "", {}


def start_file(source: Source) -> tuple[str, str]:
    """The file that starts the module, and the function in it to call (or `""`).

    In a package folder, `entry_point` is a name in `bin`, a file, `file:function`, or a function of the main file;
    without one it is the package's `main`, its single `bin`, or `index`.
    """
    module = source.module
    if not source.is_folder:
        if module.source not in source.files:
            raise refused(source, f"there is no file `{module.source}`", "write its path relative to the project")
        return module.source, module.entry_point
    folder, entry = folder_of(source), module.entry_point
    content = package_of(source)[1] if joined(folder, "package.json") in source.files else {}
    programs = content.get("bin") or {}
    programs = {str(content.get("name", "")): programs} if isinstance(programs, str) else programs
    name, _, function = entry.partition(":")
    if entry and (named := file_at(source.files, joined(folder, str(programs.get(entry, name))))):
        return named, function
    only = [str(path) for path in programs.values()] if len(programs) == 1 else []
    for start in (content.get("main"), content.get("module"), *only, "index", "src/index", "main", "src/main"):
        if isinstance(start, str) and (path := file_at(source.files, joined(folder, start))):
            return path, entry
    hint = "set `main` in its package.json, or name a file in it as `entry_point`"
    raise refused(source, f"the package `{folder or '.'}` does not say how it starts", hint)


def reads_of(source: Source, start: str) -> tuple[str, ...]:
    """A package folder whole, else the file's local imports; with the settings and the locks that they live under."""
    folder, _ = package_of(source)
    names = ("package-lock.json", *(f"node_modules/{name}" for name in LISTS_OF_PACKAGES))
    beside = [path for name in names if (path := joined(folder, name)) in source.files]
    files = under(source, folder_of(source)) if source.is_folder else ()
    imported = local_files(source.files, start)
    return tuple(sorted({*files, *imported, *settings_of(source.files, imported), *beside}))


def dependencies_of(source: Source) -> EnvironmentPlan | None:
    """The packages that the module's package.json asks for, unless they are installed beside it."""
    folder, content = package_of(source)
    if not content.get("dependencies") or joined(folder, "node_modules/.package-lock.json") in source.files:
        return None
    local = [
        name for name, version in content["dependencies"].items() if re.match(r"file:|link:|workspace:", str(version))
    ]
    if local:
        hint = f"run `npm install` in `{folder or '.'}`, so that its node_modules is used"
        raise refused(
            source, f"the dependency `{local[0]}` is a folder, which only an install beside it can find", hint
        )
    # Its own scripts are left out: they would run in a folder without its sources.
    own = {key: value for key, value in content.items() if key != "scripts"}
    files = {"package.json": json.dumps(own).encode()}
    lock = joined(folder, "package-lock.json")
    install: tuple[str, ...] = ("install", "--no-package-lock")
    if lock in source.files:
        files["package-lock.json"] = source.files[lock]
        install = ("ci",)
    argv = ("{tool:npm}", *install, "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error")
    return EnvironmentPlan((Step(argv, cwd="{environment}"),), files=files)


def tools_of(source: Source) -> tuple[Tool, ...]:
    """The runtime, and npm where there are packages to install."""
    return (runtime_of(source), *((NPM,) if dependencies_of(source) is not None else ()))


def command(source: Source, file: str, function: str, environment: EnvironmentPlan | None) -> Step:
    """How the runtime starts a file, or calls a function in it."""
    runtime = runtime_of(source).name
    flags: tuple[str, ...] = ("--enable-source-maps",)
    env = {} if runtime == "node" else {"NO_COLOR": "1"}
    if environment is not None:
        env |= {"NODE_PATH": "{environment}/node_modules", "TARS_NODE_MODULES": "{environment}"}
        flags += ("--import", "{shims}/node_modules.mjs")
    if runtime != "node":
        flags = ("run", "--allow-all", "--no-check") if runtime == "deno" else ("run",)
        if runtime == "deno":
            flags += ("--unstable-sloppy-imports",)
    program = (f"{{tool:{runtime}}}", *flags)
    if function:
        return Step((*program, "{shims}/javascript_function.mjs", file, function), env)
    return Step((*program, file), env)


def bundle_errors(outcome: Outcome, source: Source, code: str) -> tuple[Diagnostic, ...]:
    """What esbuild found wrong."""
    found = []
    for match in _BUNDLE_ERROR.finditer(outcome.stderr):
        message, path = (match[name].decode("utf-8", "replace") for name in ("message", "path"))
        place = (int(match["line"]), int(match["column"]) + 1)
        found.append(found_at(source, f"{code}:error", message, path, *place))
    return tuple(one for one in found if one is not None)


def trace(outcome: Outcome, source: Source, code: str) -> tuple[Diagnostic, ...]:
    """The first place in the project that an uncaught error's message or stack names."""
    error = _ERROR.search(outcome.stderr)
    if error is None:
        return ()
    name, message = error["name"].decode(), error["message"].decode("utf-8", "replace")
    for frame in _FRAME.finditer(outcome.stderr):
        path = frame["path"].decode("utf-8", "replace").removesuffix(")")
        line, column = int(frame["line"]), int(frame["column"] or 1)
        found = found_at(source, f"{code}:{name}", f"{name}: {message}", path, line, column)
        if found is not None:
            return (found,)
    return ()
