"""C: a lone file, or all `.c` files of a folder, compiled by the system's compiler, else by that of the Zig wheel."""

import re
from collections.abc import Iterator
from typing import Final

from tars.core.values import Diagnostic
from tars.runner.building.sources import folder_of, under
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._compiled import compiler_errors, program_files, with_local
from tars.runner.toolchains._tools import CC, WASMTIME, ZIG
from tars.runner.toolchains._wasm_host import WASM, for_wasm, target_of, wants_wasm
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Tool

_TOLD: Final = "reads.d"
_COMMENT: Final = re.compile(rb"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
_LITERAL: Final = re.compile(rb'"([^"\n]+)"')
_INCLUDE: Final = re.compile(
    rb'^[ \t]*(?:#|%:)[ \t]*(?:include|include_next|import|embed)\b[ \t]*(?:"(?P<path>[^"\n]+)"|(?P<computed>[^<"\s]))',
    re.MULTILINE,
)
_ASKED: Final = re.compile(rb'\b__has_(?:include|include_next|embed)\s*\(\s*"(?P<path>[^"\n]+)"')


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
        reads = with_local(source.files, files, _included)
        if source.is_folder:
            reads = tuple(sorted({*reads, *under(source, folder_of(source))}))
        wasm = wants_wasm(source)
        has_zig = wasm or ("cc" in found and found["cc"].tool == "zig")
        compiler = ["{tool:zig}", "cc"] if has_zig else ["{tool:cc}"]
        compiler += ["-target", "wasm32-wasi"] if wasm else []
        artifact = WASM if wasm else "agent{exe}"
        sources = tuple(f"{{project}}/{path}" for path in files)
        optimised = "-O0" if source.module.options.get("profile") in ("dev", "debug") else "-O2"
        # Of several sources each would write its own list over the one before.
        told = _TOLD if len(files) == 1 else ""
        telling = ("-MMD", "-MF", f"{{build}}/{told}") if told else ()
        step = Step((*compiler, optimised, "-Wall", *telling, "-o", f"{{build}}/{artifact}", *sources, "-lm"))
        plan = BuildPlan(Step((f"{{build}}/{artifact}",)), reads, (step,), artifact=artifact, told=told)
        return for_wasm(plan, source) if wasm else plan

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        return compiler_errors(outcome, source, self.name)


def _included(content: bytes) -> Iterator[bytes]:
    """What the file includes, or asks for; where a macro says what is included, each literal may be it."""
    content = content.replace(b"\\\r\n", b"").replace(b"\\\n", b"")
    code = _COMMENT.sub(lambda match: b" " if match.group().startswith(b"/") else match.group(), content)
    for match in _INCLUDE.finditer(code):
        if match["path"]:
            yield match["path"]
        else:
            yield from _LITERAL.findall(code)
    yield from (match["path"] for match in _ASKED.finditer(code))


PLUGIN: Toolchain = C()
