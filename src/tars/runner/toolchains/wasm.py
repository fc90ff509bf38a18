"""WebAssembly: a `.wasm` or `.wat` file, run by wasmtime with WASI, or one of its exported functions."""

import re
from typing import Final

from tars.core.values import Diagnostic
from tars.runner.building.sources import found_at, refused
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._tools import WASMTIME
from tars.runner.toolchains._wasm_host import COMPILED, wasm_command, wasm_compile
from tars.runner.values import BuildPlan, Found, Outcome, Source, Tool

_PLACE: Final = re.compile(
    rb"^(?P<path>[^\n]+\.wat): (?P<message>[^\n]+)\n *--> [^\n]*?:(?P<line>\d+):(?P<column>\d+)", re.MULTILINE
)

_SAMPLE: Final = b"""(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $more
      (i32.store (i32.const 0) (i32.const 1024))
      (i32.store (i32.const 4) (i32.const 4096))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.load (i32.const 8))
        (then
          (i32.store (i32.const 4) (i32.load (i32.const 8)))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
          (br $more))))))
"""


class Wasm:
    name = "wasm"
    suffixes = (".wasm", ".wat")

    def tools(self, source: Source) -> tuple[Tool, ...]:
        return (WASMTIME,)

    def sample(self) -> tuple[str, bytes]:
        return "agent.wat", _SAMPLE

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        module = source.module
        if source.is_folder or not module.source.endswith(self.suffixes):
            hint = 'let `source` name a `.wasm` or `.wat` file; for sources, use their language with `target = "wasm"`'
            raise refused(source, f"`{module.source}` is not a WebAssembly module", hint)
        return BuildPlan(
            wasm_command(source, "{source}", module.entry_point),
            (module.source,),
            (wasm_compile("{source}"),),
            artifact=COMPILED,
        )

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        """The place in a `.wat` file that does not parse."""
        found = []
        for match in _PLACE.finditer(outcome.stderr):
            message = match["message"].decode("utf-8", "replace")
            path = match["path"].decode("utf-8", "replace")
            found.append(found_at(source, "wasm:error", message, path, int(match["line"]), int(match["column"])))
        return tuple(one for one in found if one is not None)


PLUGIN: Toolchain = Wasm()
