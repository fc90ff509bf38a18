"""Runs a WebAssembly module with WASI and nothing but what is granted; or compiles it ahead of time.

`wasm_host.py compile MODULE COMPILED` and
`wasm_host.py run MODULE COMPILED [--memory BYTES] [--seconds S] [--invoke FUNCTION] -- ARGUMENTS`

The guest sees its arguments, its environment, the standard streams, the working folder for reading and writing, and for
reading only the folders of the project that the working folder links to and those of its inputs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from typing import Any

import wasmtime


def main() -> None:
    parser = argparse.ArgumentParser(prog="wasm_host.py")
    parser.add_argument("act", choices=("compile", "run"))
    parser.add_argument("module")
    parser.add_argument("compiled")
    parser.add_argument("--memory", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--invoke", default="")
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    configuration = wasmtime.Config()
    configuration.epoch_interruption = True
    engine = wasmtime.Engine(configuration)
    if given.act == "compile":
        with open(given.compiled, "wb") as file:
            file.write(_compiled(engine, given.module).serialize())
    else:
        sys.exit(_run(engine, given))


def _compiled(engine: wasmtime.Engine, path: str) -> wasmtime.Module:
    with open(path, "rb") as file:
        content = file.read()
    if content[:4] == b"\0asm" and content[4:8] == b"\x0d\x00\x01\x00":
        sys.exit(f"{path}:1:1: this is a component; build it as a core module, for instance for wasm32-wasip1")
    try:
        text = content if content[:4] == b"\0asm" else content.decode("utf-8")
        return wasmtime.Module(engine, text)
    except (wasmtime.WasmtimeError, UnicodeDecodeError) as error:
        sys.exit(f"{path}: {error}")


def _run(engine: wasmtime.Engine, given: argparse.Namespace) -> int:
    try:
        module = wasmtime.Module.deserialize_file(engine, given.compiled)
    except wasmtime.WasmtimeError:
        # It was compiled for another processor, as in a home folder that several machines share.
        module = _compiled(engine, given.module)
    store = wasmtime.Store(engine)
    if given.memory:
        store.set_limits(memory_size=given.memory)
    store.set_epoch_deadline(1)
    if given.seconds:
        timer = threading.Timer(given.seconds, engine.increment_epoch)
        timer.daemon = True
        timer.start()
    store.set_wasi(_wasi(given))
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    sys.stdout.flush()
    try:
        exports = linker.instantiate(store, module).exports(store)
        if given.invoke:
            _invoke(store, exports, given)
            return 0
        if "_start" not in exports:
            names = ", ".join(f"`{name}`" for name in exports if isinstance(exports[name], wasmtime.Func)) or "none"
            sys.exit(f"{given.module}: no `_start`; let `entry_point` name an exported function: {names}")
        _function(exports["_start"])(store)
    except wasmtime.ExitTrap as ended:
        return int(ended.code)
    except wasmtime.Trap as trap:
        message = "it ran out of its time" if trap.trap_code == wasmtime.TrapCode.INTERRUPT else trap.message
        print(f"trap: {message}", file=sys.stderr)
        return 134
    except wasmtime.WasmtimeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _invoke(store: wasmtime.Store, exports: Any, given: argparse.Namespace) -> None:
    """Call an exported function with whole numbers, and print what it returns."""
    if given.invoke not in exports:
        sys.exit(f"{given.module}: there is no exported function `{given.invoke}`")
    if "_initialize" in exports:
        _function(exports["_initialize"])(store)
    function = _function(exports[given.invoke])
    wanted = function.type(store).params
    if len(wanted) != len(given.arguments):
        sys.exit(f"`{given.invoke}` takes {len(wanted)} number(s); `args` gives {len(given.arguments)}")
    try:
        numbers = [
            float(text) if kind in (wasmtime.ValType.f32(), wasmtime.ValType.f64()) else int(text)
            for kind, text in zip(wanted, given.arguments, strict=True)
        ]
    except ValueError as error:
        sys.exit(f"`{given.invoke}` takes numbers: {error}")
    result = function(store, *numbers)
    if result is None:
        return
    text = "\n".join(map(str, result if isinstance(result, list) else [result])) + "\n"
    output = os.environ.get("TARS_OUTPUT")
    if output and not os.path.exists(output):
        with open(output, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        sys.stdout.write(text)


def _function(item: object) -> wasmtime.Func:
    if not isinstance(item, wasmtime.Func):
        sys.exit("the export is not a function")
    return item


def _wasi(given: argparse.Namespace) -> wasmtime.WasiConfig:
    wasi = wasmtime.WasiConfig()
    wasi.argv = [os.path.basename(given.module), *given.arguments]
    wasi.env = list(os.environ.items())
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    for path, name, writable in _granted():
        wasi.preopen_dir(path, name, writable)
    return wasi


def _granted() -> list[tuple[str, str, bool]]:
    """Folders, the names under which the guest sees them, and whether it may write there.

    A link is never followed by WASI, so what the working folder links to is granted under the link's own name.
    """
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
