"""Swift: a lone file, or all `.swift` files of a folder with a `main.swift`, compiled by swiftc."""

from tars.core.values import Diagnostic
from tars.runner.building.sources import refused
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._compiled import compiler_errors, program_files
from tars.runner.toolchains._tools import SWIFTC
from tars.runner.toolchains._wasm_host import target_of
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Tool


class Swift:
    name = "swift"
    suffixes = (".swift",)

    def tools(self, source: Source) -> tuple[Tool, ...]:
        return (SWIFTC,)

    def sample(self) -> tuple[str, bytes]:
        loop = b"let data = FileHandle.standardInput.readDataToEndOfFile()\nFileHandle.standardOutput.write(data)\n"
        return "agent.swift", b"import Foundation\n\n" + loop

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        if target_of(source):
            raise refused(source, "TARS builds swift for no other target", "leave `target` out")
        files = program_files(source, self.suffixes)
        if len(files) > 1 and not any(path.rpartition("/")[2] == "main.swift" for path in files):
            hint = "name the file that starts it main.swift"
            raise refused(source, f"the folder `{source.module.source}` has no main.swift", hint)
        optimised = "-Onone" if source.module.options.get("profile") in ("dev", "debug") else "-O"
        sources = tuple(f"{{project}}/{path}" for path in files)
        step = Step(("{tool:swiftc}", optimised, "-module-name", "agent", "-o", "{build}/agent{exe}", *sources))
        return BuildPlan(Step(("{build}/agent{exe}",)), files, (step,), artifact="agent{exe}")

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        return compiler_errors(outcome, source, self.name)


PLUGIN: Toolchain = Swift()
