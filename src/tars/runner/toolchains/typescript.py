"""TypeScript: bundled by esbuild for node; or run as it is, by a newer node, deno or bun. `check = true` asks tsc."""

import json
import re
from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.core.values import Diagnostic
from tars.runner.building.sources import found_at, joined, refused
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains import _javascript_wasm as wasm
from tars.runner.toolchains._javascript import (
    TOLD,
    bundle_errors,
    command,
    dependencies_of,
    package_of,
    reads_of,
    runtime_of,
    start_file,
    tools_of,
    trace,
)
from tars.runner.toolchains._javascript_imports import nearest
from tars.runner.toolchains._tools import ESBUILD, ESBUILD_OR_NODE, NODE, TSC
from tars.runner.toolchains._wasm_host import target_of, wants_wasm
from tars.runner.values import BuildPlan, EnvironmentPlan, Found, Outcome, Source, Step, Tool

_BUNDLE: Final = "agent.mjs"
_REQUIRE: Final = (
    'import { createRequire as __tarsRequire } from "node:module"; const require = __tarsRequire(import.meta.url);'
)
_TSC_ERROR: Final = re.compile(
    rb"^(?P<path>[^\n(]+)\((?P<line>\d+),(?P<column>\d+)\): error (?P<code>TS\d+): (?P<message>[^\n]+)", re.MULTILINE
)
_DENO_ERROR: Final = re.compile(
    rb"^(?P<code>TS\d+) \[ERROR\]: (?P<message>[^\n]+)\n(?:[^\n]*\n){1,20}? +at "
    rb"(?P<path>file://[^\n]+?):(?P<line>\d+):(?P<column>\d+)$",
    re.MULTILINE,
)


class TypeScript:
    name = "typescript"
    suffixes = (".ts", ".tsx", ".mts", ".cts")

    def tools(self, source: Source) -> tuple[Tool, ...]:
        tools = tools_of(source)
        if target_of(source):
            tools = tuple(dict.fromkeys((*tools, *wasm.TOOLS)))
        checks = source.module.check and runtime_of(source).name != "deno"
        if runtime_of(source) is NODE and source.module.compile != "docker" and ESBUILD not in tools:
            tools += (ESBUILD_OR_NODE,)
        if checks:
            tools += (TSC,) if NODE in tools else (NODE, TSC)
        return tools

    def sample(self) -> tuple[str, bytes]:
        return "agent.ts", b"const pipe = (): void => process.stdin.pipe(process.stdout);\npipe();\n"

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        start, function = start_file(source)
        environment = dependencies_of(source)
        reads = reads_of(source, start)
        checks, files = _checks(source, start) if source.module.check else ((), {})
        if wants_wasm(source):
            plan = wasm.as_component(source, start, function, reads, environment)
            return replace(plan, checks=checks, files={**plan.files, **files})
        if runtime_of(source) is not NODE:
            step = command(source, f"{{project}}/{start}", function, environment)
            return BuildPlan(step, reads, checks=checks, files=files, environment=environment)
        if "esbuild" in found and found["esbuild"].tool == "node":
            step = _stripped(source, start, command(source, f"{{project}}/{start}", function, environment))
            return BuildPlan(step, reads, checks=checks, files=files, environment=environment)
        return BuildPlan(
            command(source, f"{{build}}/{_BUNDLE}", function, environment),
            reads,
            (_bundle(start, environment),),
            files,
            _BUNDLE,
            environment,
            checks,
            told=TOLD,
        )

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        """What esbuild or tsc reports, else the place in an error's stack, which source maps make the user's own."""
        found = [*wasm.without_node(bundle_errors(outcome, source, self.name))]
        for match in (*_TSC_ERROR.finditer(outcome.stdout), *_DENO_ERROR.finditer(outcome.stderr)):
            code = match["code"].decode()
            path, message = (match[name].decode("utf-8", "replace") for name in ("path", "message"))
            place = (int(match["line"]), int(match["column"]))
            found += filter(None, [found_at(source, f"typescript:{code}", message, path, *place)])
        return tuple(found) or trace(outcome, source, self.name)


def _stripped(source: Source, start: str, step: Step) -> Step:
    """Node's command with what makes it read TypeScript, and find files that are imported without their ending."""
    if start.endswith("x"):
        hint = "npm install --save-dev esbuild"
        raise refused(source, f"`{start}` is written with JSX, for which esbuild is needed", hint)
    types = ("--experimental-transform-types", "--disable-warning=ExperimentalWarning")
    argv = (step.argv[0], *types, "--import", "{shims}/node_typescript.mjs", *step.argv[1:])
    return replace(step, argv=argv)


def _bundle(start: str, environment: EnvironmentPlan | None) -> Step:
    argv = (
        *("{tool:esbuild}", f"{{project}}/{start}", "--bundle", "--platform=node", "--format=esm", "--target=node18"),
        *("--sourcemap=inline", "--sources-content=false", "--log-level=warning", "--color=false"),
        *(f"--banner:js={_REQUIRE}", f"--outfile={{build}}/{_BUNDLE}"),
        f"--metafile={{build}}/{TOLD}",
    )
    return Step(argv, {"NODE_PATH": "{environment}/node_modules"} if environment is not None else {})


def _checks(source: Source, start: str) -> tuple[tuple[Step, ...], dict[str, bytes]]:
    """The type checker's step and the configuration generated for it: the project's own where there is one."""
    if runtime_of(source).name == "deno":
        return (
            Step(("{tool:deno}", "check", "--unstable-sloppy-imports", f"{{project}}/{start}"), {"NO_COLOR": "1"}),
        ), {}
    folder, _ = package_of(source)
    configuration: dict[str, object] = {"files": [f"{{project}}/{start}"], "include": []}
    options: dict[str, object] = {"noEmit": True, "skipLibCheck": True, "allowImportingTsExtensions": True}
    own = nearest(source.files, start.rpartition("/")[0], "tsconfig.json")
    if own is not None:
        configuration["extends"] = f"{{project}}/{own}"
    else:
        options |= {"strict": True, "target": "es2022", "module": "esnext", "moduleResolution": "bundler"}
        options |= {"lib": ["es2022"], "types": []}
    if joined(folder, "node_modules/@types/node/package.json") in source.files:
        options |= {"types": ["node"], "typeRoots": [f"{{project}}/{joined(folder, 'node_modules/@types')}"]}
    else:
        configuration["files"] = [f"{{project}}/{start}", "{shims}/node_globals.d.ts"]
    configuration["compilerOptions"] = options
    argv = ("{tool:node}", "{tool:tsc}", "--project", "{build}/tsconfig.json", "--pretty", "false")
    return (Step(argv),), {"tsconfig.json": json.dumps(configuration).encode()}


PLUGIN: Toolchain = TypeScript()
