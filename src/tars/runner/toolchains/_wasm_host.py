"""How a WebAssembly module or component is compiled ahead of time, and started by TARS's own host."""

from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.runner.building.sources import refused
from tars.runner.values import BuildPlan, Source, Step

COMPILED: Final = "agent.cwasm"
"""The module as machine code, made when it is built: loading it takes a thousandth of the time of compiling it."""
WASM: Final = "agent.wasm"
_HOST: Final = ("{tool:wasmtime}", "-I", "{shims}/wasm_host.py")


def target_of(source: Source) -> str:
    """What the module is to be built for, as it is written; empty is this machine."""
    target = source.module.options.get("target", "")
    return target if isinstance(target, str) else ""


def wants_wasm(source: Source) -> bool:
    """Whether a module of a language that knows no other target is to become WebAssembly. Raises `InputError`."""
    target = target_of(source)
    if target not in ("", "wasm", "wasi"):
        hint = 'write `target = "wasm"`, or leave `target` out'
        raise refused(source, f"{source.module.language} cannot be built for `{target}`", hint)
    return bool(target)


def for_wasm(plan: BuildPlan, source: Source) -> BuildPlan:
    """The plan of a build that makes `agent.wasm`, with its compilation to machine code and the command that runs it.

    `plan.command` is replaced: what the native one is makes no difference.
    """
    made = plan.made or f"{{build}}/{WASM}"
    command = wasm_command(source, f"{{build}}/{WASM}")
    steps = (*plan.steps, wasm_compile(made))
    return replace(plan, command=command, steps=steps, artifact=WASM, also=(*plan.also, COMPILED), platform="")


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
