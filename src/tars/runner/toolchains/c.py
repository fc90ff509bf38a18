"""C: a lone file, or all `.c` files of a folder, compiled by the system's compiler, else by that of the Zig wheel."""

import re
from typing import Final

from tars.core.values import Diagnostic
from tars.runner.building.sources import folder_of, under
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._compiled import compiler_errors, program_files, with_local
from tars.runner.toolchains._tools import CC, WASMTIME, ZIG
from tars.runner.toolchains._wasm_host import WASM, for_wasm, target_of, wants_wasm
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Tool

_INCLUDE: Final = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"(?P<path>[^"\n]+)"', re.MULTILINE)


class C:
    name = "c"
    suffixes = (".c",)

    def tools(self, source: Source) -> tuple[Tool, ...]:
        return (ZIG, WASMTIME) if target_of(source) else (CC,)

    def sample(self) -> tuple[str, bytes]:
        loop = b"int mark;\n    while ((mark = getchar()) != EOF) putchar(mark);\n    return 0;"
        return "agent.c", b"#include <stdio.h>\n\nint main(void) {\n    " + loop + b"\n}\n"

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        files = program_files(source, self.suffixes)
        reads = with_local(source.files, files, _INCLUDE)
        if source.is_folder:
            reads = tuple(sorted({*reads, *under(source, folder_of(source))}))
        wasm = wants_wasm(source)
        has_zig = wasm or ("cc" in found and found["cc"].tool == "zig")
        compiler = ["{tool:zig}", "cc"] if has_zig else ["{tool:cc}"]
        compiler += ["-target", "wasm32-wasi"] if wasm else []
        artifact = WASM if wasm else "agent{exe}"
        sources = tuple(f"{{project}}/{path}" for path in files)
        optimised = "-O0" if source.module.options.get("profile") in ("dev", "debug") else "-O2"
        step = Step((*compiler, optimised, "-Wall", "-o", f"{{build}}/{artifact}", *sources, "-lm"))
        plan = BuildPlan(Step((f"{{build}}/{artifact}",)), reads, (step,), artifact=artifact)
        return for_wasm(plan, source) if wasm else plan

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        return compiler_errors(outcome, source, self.name)


PLUGIN: Toolchain = C()
