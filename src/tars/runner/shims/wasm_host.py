"""Runs a WebAssembly module or component with WASI and nothing but what is granted; or compiles it ahead of time.

`wasm_host.py compile MODULE COMPILED` and
`wasm_host.py run MODULE COMPILED [--memory BYTES] [--seconds S] [--invoke FUNCTION] [--grants JSON] -- ARGUMENTS`

The guest sees its arguments, its environment, the standard streams, and folders: those of `--grants`, else the working
folder for reading and writing, and for reading only the folders of the project that the working folder links to and
those of its inputs. `wasm_serve.py` runs many guests with the functions of this file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # Python -I leaves it out
import wasmtime
import wasmtime.component
from wasm_calls import new_engine, start
from wasm_grants import Grant, lent, links_of

MEMORY_BYTES_MAX = 1 << 32
TABLE_ELEMENTS_MAX = 1_000_000
INSTANCES_MAX = 1_000
FUEL_MAX = 1 << 62
COMPONENT = b"\x0d\x00\x01\x00"
"""What stands after the magic number of a component; a core module has its version 1 there."""
COMPONENT_TEXT = re.compile(rb"(?:\s|;;[^\n]*\n|\(;.*?;\))*\(\s*component\b", re.DOTALL)
HEAD_BYTES = 1 << 16
TRAPPED, FAILED = 134, 1


@dataclass(frozen=True)
class Order:
    """One guest as it is to be run. `ticks_max` counts increments of the engine's epoch."""

    name: str
    arguments: Sequence[str]
    env: Iterable[tuple[str, str]]
    grants: Sequence[Grant]
    invoke: str = ""
    memory_bytes: int = 0
    fuel: int = 0
    ticks_max: int = 1 << 62


@dataclass(frozen=True)
class End:
    """How a guest ended: its exit code, and why where that is not its own doing (`time`, `fuel`, `memory`, `trap`)."""

    code: int
    why: str = ""
    text: str = ""


class RefusedError(Exception):
    """The module or the order makes no sense; what to say to the user."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="wasm_host.py")
    parser.add_argument("act", choices=("compile", "run"))
    parser.add_argument("module")
    parser.add_argument("compiled")
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--invoke", default="")
    parser.add_argument("--grants", default="")
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    engine = new_engine()
    try:
        if given.act == "run":
            sys.exit(_run(engine, given))
        machine_code = compiled(engine, given.module).serialize()
    except RefusedError as refused:
        sys.exit(str(refused))
    with open(given.compiled, "wb") as file:
        file.write(machine_code)


def compiled(engine: wasmtime.Engine, path: str) -> Any:
    """The file as a module or component. Raises `RefusedError` where it is neither."""
    with open(path, "rb") as file:
        content = file.read()
    if not content:
        raise RefusedError(f"{path}: the file is empty")
    kind: Any = wasmtime.component.Component if is_component(path) else wasmtime.Module
    try:
        return kind(engine, content if content[:4] == b"\0asm" else content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RefusedError(f"{path}: it is neither WebAssembly nor its text format: {error}") from error
    except wasmtime.WasmtimeError as error:
        raise RefusedError(f"{path}: {error}") from error


class Linkers:
    """An engine and what all its guests are linked with."""

    def __init__(self, engine: wasmtime.Engine) -> None:
        self.engine = engine
        self.modules = wasmtime.Linker(engine)
        self.modules.define_wasi()
        self.components: Any = wasmtime.component.Linker(engine)
        self.components.add_wasip2()


def load(linkers: Linkers, path: str, machine_code: str) -> Program:
    """The module or component from its machine code. Raises `WasmtimeError` where that is of another machine or does
    not fit into the engine, `OSError`."""
    kind: Any = wasmtime.component.Component if is_component(path) else wasmtime.Module
    return Program(linkers, kind.deserialize_file(linkers.engine, machine_code))


def is_component(path: str) -> bool:
    """Whether the file is a component, as machine words or as text; else it is a module, or neither."""
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
    return head[4:8] == COMPONENT if head[:4] == b"\0asm" else COMPONENT_TEXT.match(head) is not None


class Program:
    """A module or component as machine code, of which any number of instances are run."""

    def __init__(self, linkers: Linkers, code: Any) -> None:
        self.code = code
        self.linkers = linkers
        self.is_component = isinstance(code, wasmtime.component.Component)

    @cached_property
    def _linked(self) -> wasmtime.InstancePre:
        return self.linkers.modules.instantiate_pre(self.code)

    def run(self, order: Order, streams: Callable[[wasmtime.WasiConfig], None]) -> End:
        """A fresh instance, from its start to its end. `streams` connects its standard streams."""
        store = wasmtime.Store(self.linkers.engine)
        bytes_max = order.memory_bytes or MEMORY_BYTES_MAX
        store.set_limits(bytes_max, TABLE_ELEMENTS_MAX, INSTANCES_MAX, INSTANCES_MAX, INSTANCES_MAX)
        store.set_fuel(order.fuel or FUEL_MAX)
        store.set_epoch_deadline(order.ticks_max)
        wasi = wasmtime.WasiConfig()
        wasi.argv = [order.name, *order.arguments]
        wasi.env = order.env
        streams(wasi)
        instance: wasmtime.Instance | None = None
        try:
            for path, name, writable in order.grants:
                wasi.preopen_dir(path, name, writable)
            store.set_wasi(wasi)
            if self.is_component:
                return self._run_component(store, order)
            instance = self._linked.instantiate(store)
            if order.invoke:
                return End(0, text=invoke(store, instance.exports(store), order))
            if not start(store, instance):
                exports = named(instance.exports(store))
                raise RefusedError(f"{order.name}: no `_start`; let `entry_point` name an exported function: {exports}")
        except wasmtime.ExitTrap as ended:
            return End(int(ended.code))
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            return _judge(error, order, instance, store)
        finally:
            store.close()
        return End(0)

    def _run_component(self, store: wasmtime.Store, order: Order) -> End:
        """Calls `run` of `wasi:cli/run`, as a command does."""
        if order.invoke:
            raise RefusedError(
                f"{order.name} is a component; it is started by its `wasi:cli/run`, not by `{order.invoke}`"
            )
        names = [name for name in self.code.type.exports(self.linkers.engine) if name.startswith("wasi:cli/run@")]
        if not names:
            raise RefusedError(f"{order.name} is a component that is no command: it does not export `wasi:cli/run`")
        instance = self.linkers.components.instantiate(store, self.code)
        place = instance.get_export_index(store, names[0])
        function = instance.get_func(store, instance.get_export_index(store, "run", place))
        result = function(store)
        failed = getattr(result, "tag", "ok") == "err" or isinstance(result, wasmtime.WasmtimeError)
        return End(FAILED if failed else 0)


def _judge(error: Exception, order: Order, instance: wasmtime.Instance | None, store: wasmtime.Store) -> End:
    code = error.trap_code if isinstance(error, wasmtime.Trap) else None
    text = error.message if isinstance(error, wasmtime.Trap) else str(error)
    text = text.strip()
    if code is wasmtime.TrapCode.INTERRUPT or "wasm trap: interrupt" in text:
        return End(TRAPPED, "time", "it ran out of its time")
    if code is wasmtime.TrapCode.OUT_OF_FUEL or "all fuel consumed" in text:
        return End(TRAPPED, "fuel", "it used up its fuel")
    if "exceeds memory limits" in text or "exceeds the limit" in text:
        return End(FAILED, "memory", text)
    memory = instance.exports(store).get("memory") if instance is not None else None
    if order.memory_bytes and isinstance(memory, wasmtime.Memory) and 2 * memory.data_len(store) > order.memory_bytes:
        text += f"\nit held {memory.data_len(store)} of the {order.memory_bytes} bytes of memory that it may hold"
        return End(TRAPPED, "trap", text)
    return End(TRAPPED, "trap", text) if code is not None or "wasm trap" in text else End(FAILED, "error", text)


def invoke(store: wasmtime.Store, exports: Any, order: Order) -> str:
    """Calls an exported function with whole numbers; what it returns, a line each. Raises `RefusedError`."""
    item = exports.get(order.invoke)
    if item is None:
        raise RefusedError(f"{order.name}: there is no exported function `{order.invoke}`; there are: {named(exports)}")
    initialise = exports.get("_initialize")
    if initialise is not None:
        as_function(initialise)(store)
    function = as_function(item)
    wanted = function.type(store).params
    if len(wanted) != len(order.arguments):
        raise RefusedError(f"`{order.invoke}` takes {len(wanted)} number(s); `args` gives {len(order.arguments)}")
    try:
        numbers = [
            float(text) if kind in (wasmtime.ValType.f32(), wasmtime.ValType.f64()) else int(text)
            for kind, text in zip(wanted, order.arguments, strict=True)
        ]
    except ValueError as error:
        raise RefusedError(f"`{order.invoke}` takes numbers: {error}") from error
    result = function(store, *numbers)
    return "".join(f"{value}\n" for value in (result if isinstance(result, list) else [result]) if value is not None)


def named(exports: Any) -> str:
    return ", ".join(f"`{name}`" for name in exports if isinstance(exports[name], wasmtime.Func)) or "none"


def as_function(item: object) -> wasmtime.Func:
    if not isinstance(item, wasmtime.Func):
        raise RefusedError("the export is not a function")
    return item


def _run(engine: wasmtime.Engine, given: argparse.Namespace) -> int:
    linkers = Linkers(engine)
    try:
        program = load(linkers, given.module, given.compiled)
    except wasmtime.WasmtimeError:
        # It was compiled for another processor, as in a home folder that several machines share.
        program = Program(linkers, compiled(engine, given.module))
    if given.seconds:
        timer = threading.Timer(given.seconds, engine.increment_epoch)
        timer.daemon = True
        timer.start()
    grants = [tuple(each) for each in json.loads(given.grants)] if given.grants else _granted()
    name = os.path.basename(given.module)
    order = Order(name, given.arguments, os.environ.items(), grants, given.invoke, given.memory, ticks_max=1)
    here = os.getcwd()
    with lent(here, links_of(here), None):  # What it must not read cannot be opened here either.
        end = program.run(order, _inherit)
    if end.why:
        print(f"{'error' if end.why == 'error' else 'trap'}: {end.text}", file=sys.stderr)
    elif end.text and not write_result(end.text, os.environ.get("TARS_OUTPUT", ""), os.getcwd()):
        sys.stdout.write(end.text)
    return end.code


def write_result(text: str, output: str, folder: str) -> bool:
    """Whether what an invoked function returned was written to the module's output: a path in `folder` at which the
    guest has put nothing, and to which no link of the guest's leads."""
    if not output or os.path.lexists(output):
        return False
    parent, within = os.path.realpath(os.path.dirname(output)), os.path.realpath(folder)
    if parent != within and not parent.startswith(within + os.sep):
        return False
    with open(output, "x", encoding="utf-8") as file:
        file.write(text)
    return True


def _inherit(wasi: wasmtime.WasiConfig) -> None:
    sys.stdout.flush()
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()


def _granted() -> list[Grant]:
    """A link is never followed by WASI, so what the working folder links to is granted under the link's own name."""
    here = os.getcwd()
    granted = {".": (here, True), here: (here, True)}
    for name in sorted(os.listdir(here)):
        if os.path.islink(name) and os.path.isdir(name) and not name.startswith("."):
            granted[name] = (os.path.realpath(name), False)
    inputs = json.loads(os.environ.get("TARS_INPUTS") or "[]")
    for path in (*inputs, os.environ.get("TARS_INPUT", ""), os.environ.get("TARS_MEMORY", "")):
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        if folder and folder not in granted:
            granted[folder] = (os.path.realpath(folder), False)
    for path in (os.environ.get("TARS_OUTPUT", ""), os.environ.get("TARS_EVENTS", "")):
        folder = os.path.dirname(path)
        if folder and os.path.isdir(folder):
            granted[folder] = (os.path.realpath(folder), True)
    return [(path, name, writable) for name, (path, writable) in granted.items()]


if __name__ == "__main__":
    main()
