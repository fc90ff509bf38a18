"""JavaScript: a file, one exported function of a file, or a package folder; run as it is by node, deno or bun."""

from tars.core.values import Diagnostic
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains import _javascript_wasm as wasm
from tars.runner.toolchains._javascript import (
    bundle_errors,
    command,
    dependencies_of,
    reads_of,
    start_file,
    tools_of,
    trace,
)
from tars.runner.toolchains._wasm_host import target_of, wants_wasm
from tars.runner.values import BuildPlan, Found, Outcome, Source, Tool


class JavaScript:
    name = "javascript"
    suffixes = (".js", ".mjs", ".cjs")

    def tools(self, source: Source) -> tuple[Tool, ...]:
        return tuple(dict.fromkeys((*tools_of(source), *wasm.TOOLS))) if target_of(source) else tools_of(source)

    def sample(self) -> tuple[str, bytes]:
        return "agent.js", b"process.stdin.pipe(process.stdout);\n"

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        start, function = start_file(source)
        environment = dependencies_of(source)
        if wants_wasm(source):
            return wasm.as_component(source, start, function, reads_of(source, start), environment)
        step = command(source, f"{{project}}/{start}", function, environment)
        return BuildPlan(step, reads_of(source, start), environment=environment)

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        return wasm.without_node(bundle_errors(outcome, source, self.name)) or trace(outcome, source, self.name)


PLUGIN: Toolchain = JavaScript()
