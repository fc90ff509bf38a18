"""Runs WebAssembly guests for TARS, one after another, and keeps compiled modules; started once, used for many.

`wasm_serve.py SOCKET CACHE STDOUT STDERR`: SOCKET is the number of an open socket, CACHE a folder for machine code.
The guest's output goes to this process's own; STDOUT and STDERR are the other ends of these pipes. Frames in both
directions: two big-endian 32-bit lengths, a JSON header, a body. A request's body is the guest's stdin; an answer comes
when the guest has ended, is empty where it ended well, and its body is what nobody has read yet of the output.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import hashlib
import json
import os
import platform
import socket
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterable
from importlib import metadata
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # as in wasm_host.py
import wasm_host as host
import wasmtime
from wasm_calls import new_engine, set_stdin
from wasm_grants import grants_of, lent, links_of

TICK_SECONDS = 0.01
IDLE_TICKS_MAX = 100
"""How many ticks the clock goes on without a guest before it stops; starting it again costs a little."""
REQUEST_BYTES = 1 << 16
MODULES_MAX = 64
VERSION = metadata.version("wasmtime")
LENGTHS = struct.Struct(">II")
OUTPUTS = "/proc/self/fd/1", "/proc/self/fd/2"


class Clock:
    """Moves the engines' epochs while guests run."""

    def __init__(self, *engines: wasmtime.Engine) -> None:
        self._engines = engines
        self._wanted = threading.Event()
        self._idle = 0
        self._runs = False
        threading.Thread(target=self._tick, daemon=True).start()

    def run(self) -> None:
        self._idle = 0
        self._runs = True
        if not self._wanted.is_set():
            self._wanted.set()

    def rest(self) -> None:
        self._runs = False

    def _tick(self) -> None:
        pause = threading.Event()
        while True:
            self._wanted.wait()
            pause.wait(TICK_SECONDS)
            for engine in self._engines:
                engine.increment_epoch()
            if self._runs:
                continue
            self._idle += 1
            if self._idle > IDLE_TICKS_MAX:
                self._wanted.clear()
                if self._runs:  # A guest was started in between.
                    self._wanted.set()


class Modules:
    """Modules and components as machine code in memory, by the file they were loaded from. Modules that fit are
    `quick`; components are not made quicker by it, for they have more memory than is worth wiping."""

    def __init__(self, quick: host.Linkers, roomy: host.Linkers, cache: str) -> None:
        self._quick = quick
        self._roomy = roomy
        self._cache = cache
        self._loaded: dict[tuple[object, ...], host.Program] = {}

    def get(self, path: str, machine_code: str) -> host.Program:
        """Loads what was not loaded before; a file that changed is another one. Raises `RefusedError`, `OSError`."""
        status = os.stat(path)
        key = (path, machine_code, status.st_mtime_ns, status.st_size, status.st_ino)
        program = self._loaded.pop(key, None)
        if program is None:
            program = self._load(path, machine_code)
            while len(self._loaded) >= MODULES_MAX:
                del self._loaded[next(iter(self._loaded))]
        self._loaded[key] = program
        return program

    def _load(self, path: str, machine_code: str) -> host.Program:
        places = (machine_code, self._place(path)) if machine_code else (self._place(path),)
        for place in places:
            # It is not there, or was made by another version or for another machine.
            with contextlib.suppress(wasmtime.WasmtimeError, OSError):
                return self._fit(path, place)
        return self._compile(path, places[-1])

    def _fit(self, path: str, machine_code: str) -> host.Program:
        if not host.is_component(path):
            with contextlib.suppress(wasmtime.WasmtimeError):
                return host.load(self._quick, path, machine_code)
        return host.load(self._roomy, path, machine_code)

    def _compile(self, path: str, place: str) -> host.Program:
        """In a process of its own: compiling takes ten times the memory that the result does."""
        os.makedirs(self._cache, 0o700, exist_ok=True)
        fresh = f"{place}.{os.getpid()}"
        argv = (sys.executable, "-I", host.__file__, "compile", path, fresh)
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode:
            raise host.RefusedError(done.stderr.decode("utf-8", "replace").strip() or f"{path} cannot be compiled")
        os.replace(fresh, place)
        return self._fit(path, place)

    def _place(self, path: str) -> str:
        """Named by the content, the version of wasmtime and the machine: machine code is never taken for another's."""
        with open(path, "rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        machine = hashlib.sha256(f"{platform.machine()} {platform.processor()} {platform.node()}".encode()).hexdigest()
        return os.path.join(self._cache, f"{content[:40]}-{VERSION}-{machine[:8]}.cwasm")


def main() -> None:
    connection = socket.socket(fileno=int(sys.argv[1]))
    outputs = tuple(int(number) for number in sys.argv[3:])
    quick, roomy = new_engine(host.TABLE_ELEMENTS_MAX), new_engine()
    modules, clock = Modules(host.Linkers(quick), host.Linkers(roomy), sys.argv[2]), Clock(quick, roomy)
    send(connection, {"ready": VERSION})
    gc.freeze()  # What is there by now stays, and need not be looked through while guests run.
    while (request := receive(connection)) is not None:
        header, stdin = request
        clock.run()
        try:
            answer = _serve(modules.get(header["module"], header["compiled"]), header, stdin)
        except host.RefusedError as refused:
            answer = {"code": host.FAILED, "why": "refused", "text": str(refused)}
        except (OSError, ValueError) as error:
            answer = {"code": host.FAILED, "why": "refused", "text": str(error)}
        finally:
            clock.rest()
        send(connection, answer, outputs)


def _serve(program: host.Program, header: dict[str, Any], stdin: bytes) -> dict[str, Any]:
    seconds, here = header["seconds"], header["cwd"]
    links = links_of(here)
    order = host.Order(
        header["name"],
        header["arguments"],
        header["env"],
        grants_of(here, links, *header["granted"]),
        header["invoke"],
        header["memory"],
        header["fuel"],
        ticks_max=1 << 62 if seconds is None else int(seconds / TICK_SECONDS) + 1,
    )

    def connect(wasi: wasmtime.WasiConfig) -> None:
        if header["stdin"]:
            wasi.stdin_file = header["stdin"]
        elif stdin:
            set_stdin(wasi, stdin)
        if program.is_component:
            # What it does not flush would wait in this process for the next guest's output.
            wasi.stdout_file, wasi.stderr_file = OUTPUTS
        else:
            wasi.inherit_stdout()
            wasi.inherit_stderr()

    with lent(here, links, header["granted"][0]):
        end = program.run(order, connect)
    if end.why:
        return {"code": end.code, "why": end.why, "text": end.text}
    if end.text and not host.write_result(end.text, header["output"], here):
        sys.stdout.write(end.text)
        sys.stdout.flush()
    return {"code": end.code, "why": "", "text": ""} if end.code else {}


def send(connection: socket.socket, header: dict[str, Any], outputs: Iterable[int] = ()) -> None:
    """Sends the answer, and with it what nobody has read yet of the guest's outputs."""
    waiting = [_waiting(output) for output in outputs]
    if any(waiting):
        header["stdout"] = len(waiting[0])
    text, body = json.dumps(header).encode(), b"".join(waiting)
    connection.sendall(LENGTHS.pack(len(text), len(body)) + text + body)


def _waiting(output: int) -> bytes:
    count = int.from_bytes(fcntl.ioctl(output, termios.FIONREAD, b"1234"), sys.byteorder)
    with contextlib.suppress(BlockingIOError):
        return os.read(output, count) if count else b""
    return b""


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes] | None:
    """The next frame, or None at the end."""
    # No request comes before the last one was answered, so what has come is of this frame alone.
    data = bytearray(connection.recv(REQUEST_BYTES))
    need = LENGTHS.size
    while len(data) < need or (need == LENGTHS.size and len(data) < (need := need + sum(LENGTHS.unpack_from(data)))):
        more = connection.recv(1 << 20) if data else b""
        if not more:
            return None
        data += more
    text_end = LENGTHS.size + LENGTHS.unpack_from(data)[0]
    return json.loads(data[LENGTHS.size : text_end]), bytes(data[text_end:])


if __name__ == "__main__":
    main()
