"""The `wasm` sandbox: WebAssembly guests in a process that keeps compiled modules; a fresh instance for each run."""

import importlib.util
import json
import os
import re
import sys
import threading
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from time import monotonic
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.extras import install_of
from tars.core.values import Json, Readiness
from tars.runner.cells.streams import Output
from tars.runner.cells.wording import describe
from tars.runner.sandbox import Policy, Sandbox
from tars.runner.sandboxes._wasm_client import Ended, Hosts, serve_script
from tars.runner.shims.wasm_grants import grants_of, links_of
from tars.runner.values import WASM_HOST, Cell, Guarantee, Launch, Limits, Outcome, Stop, Watch
from tars.store.shared import default_root

HINT: Final = install_of("wasm")
_STOPS: Final = {
    "time": Stop.TIMEOUT,
    "late": Stop.TIMEOUT,
    "memory": Stop.MEMORY,
    "disk": Stop.DISK,
    "cancelled": Stop.CANCELLED,
    "refused": Stop.NOT_STARTED,
}
TRAP: Final = "wasm trap: "
HELD: Final = "it held "
"""What the host adds to a trap of a guest that came near its memory limit begins so."""
_TRIAL: Final = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\03\\00\\00\\00ran../secret")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 8))
    (i32.store (i32.const 4) (i32.const 3))
    (if (i32.eqz (call $open (i32.const 3) (i32.const 1) (i32.const 11) (i32.const 9) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64))) (then unreachable))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 80)))))
"""
"""Tries to open a file beside its only folder, and tells that it ran; it traps where that file opens."""


class Guest(Prefab, frozen=True):
    """A cell's command, taken apart: `host` starts one guest, `module` and `machine_code` are files."""

    host: tuple[str, ...]
    options: tuple[str, ...]
    module: str
    machine_code: str
    arguments: tuple[str, ...]

    def option(self, name: str) -> str:
        return next((value for each, value in zip(self.options, self.options[1:], strict=False) if each == name), "")


@lru_cache(maxsize=256)
def guest_of(argv: tuple[str, ...]) -> Guest | None:
    """The WebAssembly module that a command runs, or None where it runs none.

    The form is that of TARS's own host: `PYTHON -I …/wasm_host.py run [OPTIONS] MODULE MACHINE-CODE -- ARGUMENTS`.
    """
    script = next((index for index, word in enumerate(argv[:4]) if os.path.basename(word) == WASM_HOST), 0)
    if not script or tuple(argv[script + 1 : script + 2]) != ("run",) or "--" not in argv:
        return None
    end = argv.index("--")
    *options, module, machine_code = argv[script + 2 : end]
    return Guest(tuple(argv[: script + 1]), tuple(options), module, machine_code, tuple(argv[end + 1 :]))


_NUMBERED: Final = re.compile(r"^\s*(\d+: )?")
"""What stands before a cause in a list of them."""


class WasmSandbox(Prefab, slots=False):
    """`python` is an interpreter that has wasmtime; the command of a cell names the one that is used for it."""

    name: str = "wasm"
    python: str = sys.executable
    cache: Path | None = None
    hosts: Hosts = attribute(default_factory=Hosts, repr=False)

    def readiness(self) -> Readiness:
        return self._ready

    def guarantees(self) -> frozenset[Guarantee]:
        return frozenset(Guarantee) if self._ready.ready else frozenset()

    def lacks(self, policy: Policy) -> str:
        if not policy.wasm:
            return 'it runs WebAssembly only; languages that can be built for it say `target = "wasm"`'
        if policy.resources.network:
            return "it has no network, which `network = true` asks for"
        if policy.resources.gpu:
            return "it has no graphics processor, which `gpu` asks for"
        if policy.resources.cpu is not None:
            return "it cannot hold a share of a processor (`cpu`)"
        return "it has a root of its own, and no `image`" if policy.resources.image else ""

    def launch(self, cell: Cell) -> Launch:
        """A single guest in a process of its own, with the same grants; `run` does without that process."""
        guest = guest_of(cell.argv)
        assert guest is not None, "the policy was asked first"
        here = str(cell.cwd)
        grants = json.dumps(grants_of(here, links_of(here), *_granted(cell, guest)))
        argv = (*guest.host, "run", *guest.options, "--grants", grants, guest.module, guest.machine_code, "--")
        return Launch((*argv, *guest.arguments), cell.env, cell.cwd)

    def run(
        self, cell: Cell, stdin: bytes | Path | None, watch: Watch | None, cancel: threading.Event | None
    ) -> Outcome:
        """Runs the cell in a host that is kept. Never raises for what the guest does."""
        began = monotonic()
        guest = guest_of(cell.argv)
        if guest is None:
            detail = f"{cell.argv[0]} is a native program; the wasm sandbox runs WebAssembly only"
            return Outcome(Stop.NOT_STARTED, 127, b"", b"", monotonic() - began, detail=detail)
        kept = cell.limits.output_bytes_max
        out, err = Output("stdout", -1, kept), Output("stderr", -1, kept)
        argv = (*guest.host[:-1], serve_script(guest.host[-1]), self._folder)
        try:
            order = _order(cell, guest, stdin)
            host = self.hosts.take(argv)
        except OSError as error:
            return Outcome(Stop.NOT_STARTED, 127, b"", b"", monotonic() - began, detail=str(error))
        data = stdin if isinstance(stdin, bytes) else b""
        ended = self.hosts.run(host, order, data, (out, err), watch, cancel)
        stop = _STOPS.get(ended.why, Stop.EXIT)
        errors = err.data
        if ended.why in ("trap", "error", "fuel", "lost"):
            errors += f"{'error' if ended.why == 'error' else 'trap'}: {ended.text}\n".encode()
        refused = stop is Stop.NOT_STARTED
        detail = ended.text if refused else describe(stop, ended.code, cell, "", errors) or _sentence(ended)
        code = 127 if refused else ended.code
        dropped = out.dropped_bytes, err.dropped_bytes
        return Outcome(stop, code, out.data, errors, monotonic() - began, *dropped, detail)

    @cached_property
    def _folder(self) -> str:
        return str((self.cache or default_root()) / "wasm")

    @cached_property
    def _ready(self) -> Readiness:
        """Found by running a guest, beside a file that it must not open."""
        if importlib.util.find_spec("wasmtime") is None:
            return Readiness(False, "wasmtime is not installed", hint=HINT)
        from tempfile import TemporaryDirectory  # slow, and only tried where it is asked for  # noqa: PLC0415

        from tars.runner import shims  # noqa: PLC0415 - a folder of programs, which nothing else imports

        script = str(Path(next(iter(shims.__path__)), WASM_HOST))
        try:
            with TemporaryDirectory(prefix="tars-trial-") as folder:
                Path(folder, "secret").write_text("seen")
                Path(folder, "trial.wat").write_text(_TRIAL)
                room = Path(folder, "room")
                room.mkdir()
                argv = (self.python, "-I", script, "run", f"{folder}/trial.wat", "", "--")
                outcome = self.run(Cell(argv, room, {}, Limits(seconds_max=30), writes=(room,)), None, None, None)
        except OSError as error:
            return Readiness(False, f"wasmtime cannot be tried: {error}", hint=HINT)
        if outcome.ok and outcome.stdout == b"ran":
            from importlib.metadata import version  # noqa: PLC0415 - slow, and only told here

            return Readiness(True, f"wasmtime {version('wasmtime')}")
        why = outcome.detail or outcome.stderr.decode("utf-8", "replace").strip() or f"exit code {outcome.code}"
        return Readiness(False, f"a guest did not run: {why.splitlines()[0]}", hint=HINT)


def _sentence(ended: Ended) -> str:
    """Why a guest ended otherwise than by itself; empty where it did."""
    *trace, last = ended.text.splitlines() or [""]
    trap = next((line.partition(TRAP)[2] for line in (*trace, last) if TRAP in line), "")
    if not trap and "Caused by:" in trace:
        return f"it failed: {_NUMBERED.sub('', last)}"
    if not trap:
        return ended.text.partition("\n")[0]
    return f"it trapped: {trap}; {last}" if last.startswith(HELD) else f"it trapped: {trap}"


def _granted(cell: Cell, guest: Guest) -> list[Any]:
    """What `grants_of` needs besides the working folder."""
    own = [*guest.host, guest.machine_code]
    return [[str(path) for path in cell.reads], [str(path) for path in cell.writes], own]


def _order(cell: Cell, guest: Guest, stdin: bytes | Path | None) -> Mapping[str, Json]:
    limits = cell.limits
    return {
        "module": guest.module,
        "compiled": guest.machine_code,
        "name": os.path.basename(guest.module),
        "arguments": list(guest.arguments),
        "env": [[name, value] for name, value in cell.env.items()],
        "granted": [*_granted(cell, guest)],
        "invoke": guest.option("--invoke"),
        "memory": limits.memory_bytes_max or 0,
        "fuel": limits.fuel_max or 0,
        "seconds": limits.seconds_max,
        "disk": limits.disk_bytes_min,
        "stdin": str(stdin) if isinstance(stdin, Path) else "",
        "output": cell.env.get("TARS_OUTPUT", ""),
        "cwd": str(cell.cwd),
    }


PLUGIN: Sandbox = WasmSandbox()
