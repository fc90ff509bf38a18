"""JavaScript: a file, one exported function of a file, or a package folder; run as it is by node, deno or bun."""

from tars.core.values import Diagnostic
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._javascript import command, dependencies_of, reads_of, start_file, tools_of, trace
from tars.runner.values import BuildPlan, Found, Outcome, Source, Tool


class JavaScript:
    name = "javascript"
    suffixes = (".js", ".mjs", ".cjs")

    def tools(self, source: Source) -> tuple[Tool, ...]:
        return tools_of(source)

    def sample(self) -> tuple[str, bytes]:
        return "agent.js", b"process.stdin.pipe(process.stdout);\n"

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        start, function = start_file(source)
        environment = dependencies_of(source)
        step = command(source, f"{{project}}/{start}", function, environment)
        return BuildPlan(step, reads_of(source, start), environment=environment)

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        return trace(outcome, source, self.name)


PLUGIN: Toolchain = JavaScript()
