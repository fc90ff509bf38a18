"""A JavaScript or TypeScript module as a WebAssembly component: bundled by esbuild, and put into QuickJS with WASI."""

import os
from functools import cache
from pathlib import Path
from typing import Final

from tars.core.values import Diagnostic
from tars.runner.building.expand import SHIMS
from tars.runner.building.sources import refused
from tars.runner.toolchains._javascript import TOLD, runtime_of
from tars.runner.toolchains._tools import COMPONENTIZE_QJS, ESBUILD, NODE, WASMTIME
from tars.runner.toolchains._wasm_host import WASM, for_wasm
from tars.runner.values import BuildPlan, EnvironmentPlan, Source, Step, Tool

TOOLS: Final[tuple[Tool, ...]] = (NODE, ESBUILD, COMPONENTIZE_QJS, WASMTIME)
_BODY: Final = "javascript/body.mjs"
_AGENT: Final = "javascript/agent.mjs"
_OLDER: Final = ("async-await", "for-await", "async-generator")
"""What is made of promises: QuickJS, when a component is called, never comes to the jobs of its own promises."""


def as_component(
    source: Source, start: str, function: str, reads: tuple[str, ...], environment: EnvironmentPlan | None
) -> BuildPlan:
    """The plan of the component that starts with the file `start`, or calls a function of it."""
    if runtime_of(source) is not NODE:
        hint = 'leave `runtime` out; `target = "wasm"` brings its own'
        raise refused(source, f"`{source.module.runtime}` does not run WebAssembly modules of TARS", hint)
    files = {f"javascript/{name}": content for name, content in _support().items()}
    user = f"{{project}}/{start}"
    lines = ['import "./globals.mjs";']
    if function:
        # esbuild replaces the import of the shim that calls functions by the agent's own file.
        files["javascript/function.mjs"] = _function_shim()
        lines = [*lines, 'import "./function.mjs";']
    else:
        lines = [*lines, 'import "tars:user";']
    files["javascript/entry.mjs"] = "\n".join(lines).encode() + b"\n"
    steps = (_bundle(source, user, start, function, environment), _lowered(), _componentized())
    plan = BuildPlan(Step((f"{{build}}/{WASM}",)), reads, steps, files, WASM, environment, told=TOLD)
    return for_wasm(plan, source)


def without_node(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The same findings, with what can be done where a part of node is missing."""
    known = ", ".join(sorted(_specifiers()))
    hint = f"as WebAssembly it has of node only {known}; leave `target` out, or do without"
    return tuple(
        Diagnostic(one.code, one.severity, one.message, one.span, hint)
        if one.message.startswith("Could not resolve")
        else one
        for one in found
    )


def _bundle(source: Source, user: str, start: str, function: str, environment: EnvironmentPlan | None) -> Step:
    """The agent with its imports, as the body of one async function: top-level `await` is then nothing special."""
    node = [
        f"--alias:{prefix}{name}={{build}}/javascript/{path}"
        for name, path in _specifiers().items()
        for prefix in ("node:", "")
    ]
    env = {"NODE_PATH": "{environment}/node_modules"} if environment is not None else {}
    folder = os.path.dirname(start) or "."
    argv = (
        *(
            "{tool:esbuild}",
            "{build}/javascript/entry.mjs",
            "--bundle",
            "--format=esm",
            "--platform=neutral",
            "--target=es2022",
        ),
        *("--main-fields=module,main", "--conditions=import,node", "--log-level=warning", "--color=false"),
        *(
            "--log-override:import-is-undefined=silent",
            f"--alias:tars:user={user}",
            f'--define:__dirname="{folder}"',
            f'--define:__filename="{start}"',
        ),
        *(f'--define:import.meta.url="file:///{start}"', f'--define:TARS_FUNCTION="{function}"', *node),
        *("--banner:js=export default async () => {", "--footer:js=};", f"--outfile={{build}}/{_BODY}"),
        f"--metafile={{build}}/{TOLD}",
    )
    return Step(argv, env)  # in the project, so that its messages name the project's files


def _lowered() -> Step:
    older = tuple(f"--supported:{feature}=false" for feature in _OLDER)
    argv = (
        *("{tool:esbuild}", "start.mjs", "--bundle", "--format=esm", "--platform=neutral", "--external:wasi:*"),
        *(*older, "--log-level=warning", "--color=false", f"--outfile={{build}}/{_AGENT}"),
    )
    return Step(argv, cwd="{build}/javascript")


def _componentized() -> Step:
    argv = (
        *("{tool:node}", "{tool:componentize-qjs}", "--wit", "{build}/javascript/agent.wit"),
        *("--js", f"{{build}}/{_AGENT}", "--output", f"{{build}}/{WASM}", "--sync", "--opt-size"),
    )
    return Step(argv, cwd="{build}/javascript")


@cache
def _support() -> dict[str, bytes]:
    """What stands in for node, by path."""
    root = Path(SHIMS, "wasm_javascript")
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.*")) if path.is_file()
    }


@cache
def _specifiers() -> dict[str, str]:
    """The parts of node that there are, and the file of each."""
    names = (path for path in _support() if path.startswith("node/"))
    return {path.removeprefix("node/").removesuffix(".mjs").replace("_", "/"): path for path in names}


def _function_shim() -> bytes:
    """The program that calls a function, with the agent's file bundled in instead of loaded."""
    text = Path(SHIMS, "javascript_function.mjs").read_text("utf-8")
    native = (
        "const [file, name] = process.argv.splice(2, 2);\n"
        "const loaded = await import(pathToFileURL(path.resolve(file)).href);\n"
    )
    assert native in text, "the shim loads the agent's file in these two lines"
    here = 'import * as loaded from "tars:user";\nconst [file, name] = [__filename, TARS_FUNCTION];\n'
    return text.replace(native, here).encode()
