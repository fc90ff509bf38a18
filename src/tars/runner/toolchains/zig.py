"""Zig: a file with `pub fn main`, or a folder with `main.zig` or `src/main.zig`, compiled with the files it imports."""

import re
from collections.abc import Iterator
from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.core.values import Diagnostic
from tars.runner.building.sources import folder_of, joined, refused, under
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._compiled import compiler_errors, program_files, with_local
from tars.runner.toolchains._tools import WASMTIME, ZIG
from tars.runner.toolchains._wasm_host import WASM, for_wasm, target_of, wants_wasm
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Tool

_IMPORT: Final = re.compile(rb'@import\s*\((?:\s|//[^\n]*)*"(?P<path>[^"\n]+)"')
_LITERAL: Final = re.compile(rb'"([^"\n]+)"')
_MODES: Final = {"": "ReleaseSafe", "release": "ReleaseSafe", "dev": "Debug", "debug": "Debug"}
_SAMPLE: Final = b"""extern "c" fn read(file: c_int, buffer: [*]u8, count: usize) isize;
extern "c" fn write(file: c_int, buffer: [*]const u8, count: usize) isize;

pub fn main() void {
    var buffer: [4096]u8 = undefined;
    while (true) {
        const count = read(0, &buffer, buffer.len);
        if (count <= 0) return;
        const all: usize = @intCast(count);
        var sent: usize = 0;
        while (sent < all) {
            const more = write(1, buffer[sent..].ptr, all - sent);
            if (more <= 0) return;
            sent += @intCast(more);
        }
    }
}
"""


class Zig:
    name = "zig"
    suffixes = (".zig",)

    def tools(self, source: Source) -> tuple[Tool, ...]:
        return (ZIG, WASMTIME) if target_of(source) else (ZIG,)

    def sample(self) -> tuple[str, bytes]:
        return "agent.zig", _SAMPLE

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        start = _start(source)
        reads = with_local(source.files, (start,), _imported)
        if source.is_folder:
            reads = tuple(sorted({*reads, *under(source, folder_of(source))}))
        profile = str(source.module.options.get("profile", ""))
        mode = _MODES.get(profile, profile)
        wasm = wants_wasm(source)
        artifact = WASM if wasm else "agent{exe}"
        argv = (
            *("{tool:zig}", "build-exe", f"{{project}}/{start}", "-O", mode, "-lc"),
            *(("-target", "wasm32-wasi") if wasm else ()),
            *("--name", "agent", "--cache-dir", "{work}/zig", f"-femit-bin={{build}}/{artifact}"),
        )
        plan = BuildPlan(Step((f"{{build}}/{artifact}",)), reads, (Step(argv),), artifact=artifact)
        return for_wasm(plan, source) if wasm else plan

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        return tuple(_at_what_was_found(one, source) for one in compiler_errors(outcome, source, self.name))


def _imported(content: bytes) -> Iterator[bytes]:
    """What the file imports; where it embeds files, whose names can be computed, each literal may be one."""
    yield from _LITERAL.findall(content) if b"@embedFile" in content else _IMPORT.findall(content)


def _at_what_was_found(one: Diagnostic, source: Source) -> Diagnostic:
    """Zig points behind the last good word when a line begins wrongly; what it found there is a better place."""
    if one.span is None or ", found '" not in one.message:
        return one
    text = source.files[one.span.path].decode("utf-8", "replace")
    rest = text[one.span.start :]
    start = one.span.start + len(rest) - len(rest.lstrip())
    end = text.find("\n", start)
    return replace(one, span=replace(one.span, start=start, end=max(end if end >= 0 else len(text), start)))


def _start(source: Source) -> str:
    files = program_files(source, (".zig",))
    if not source.is_folder:
        return files[0]
    folder = folder_of(source)
    for path in (joined(folder, "main.zig"), joined(folder, "src/main.zig")):
        if path in files:
            return path
    hint = "put `pub fn main` into its main.zig, or name the file itself"
    raise refused(source, f"the folder `{source.module.source}` has no main.zig", hint)


PLUGIN: Toolchain = Zig()
