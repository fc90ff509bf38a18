"""How a WebAssembly module is compiled ahead of time, and started by TARS's own host."""

from typing import Final

from tars.runner.values import Source, Step

COMPILED: Final = "agent.cwasm"
"""The module as machine code, made when it is built: loading it takes a thousandth of the time of compiling it."""
_HOST: Final = ("{tool:wasmtime}", "-I", "{shims}/wasm_host.py")


def wasm_compile(module: str) -> Step:
    """The build step that compiles the module at `module` to `{build}/agent.cwasm`."""
    return Step((*_HOST, "compile", module, f"{{build}}/{COMPILED}"))


def wasm_command(source: Source, module: str, invoke: str = "") -> Step:
    """The command that runs it, with the declared limits; the module's arguments follow."""
    declared = source.module
    limits: tuple[str, ...] = ()
    if declared.resources.memory_bytes:
        limits += ("--memory", str(declared.resources.memory_bytes))
    if declared.timeout_seconds:
        limits += ("--seconds", str(declared.timeout_seconds))
    if invoke:
        limits += ("--invoke", invoke)
    return Step((*_HOST, "run", *limits, module, f"{{build}}/{COMPILED}", "--"))
