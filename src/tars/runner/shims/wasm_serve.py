"""Runs WebAssembly guests for TARS, one after another, and keeps compiled modules; started once, used for many.

`wasm_serve.py SOCKET CACHE`: SOCKET is the number of an open socket, CACHE a folder for machine code. Frames in
both directions: two big-endian 32-bit lengths, a JSON header, a body. A request's body is the guest's stdin; that of an
answer is a piece of output (`{"stream": …}`) or, at the end, all output that was not sent yet (`{"code": …}`).
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import socket
import struct
import subprocess
import sys
import threading
from importlib import metadata
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # Python -I leaves it out
import wasm_host as host
import wasmtime
from wasmtime import _ffi

TICK_SECONDS = 0.01
IDLE_TICKS_MAX = 100
"""How many ticks the clock goes on without a guest before it stops; starting it again costs a little."""
SEND_BYTES = 1 << 16
MODULES_MAX = 64
VERSION = metadata.version("wasmtime")
LENGTHS = struct.Struct(">II")


class Clock:
    """Moves the engine's epoch while guests run, and sends output that waits meanwhile."""

    def __init__(self, engine: wasmtime.Engine) -> None:
        self._engine = engine
        self._wanted = threading.Event()
        self._idle = 0
        self.output: Output | None = None
        threading.Thread(target=self._tick, daemon=True).start()

    def run_for(self, output: Output | None) -> None:
        self.output = output
        if output is not None:
            self._idle = 0
            if not self._wanted.is_set():
                self._wanted.set()

    def _tick(self) -> None:
        pause = threading.Event()
        while True:
            self._wanted.wait()
            pause.wait(TICK_SECONDS)
            self._engine.increment_epoch()
            output = self.output
            if output is not None:
                output.flush()
                continue
            self._idle += 1
            if self._idle > IDLE_TICKS_MAX:
                self._wanted.clear()
                if self.output is not None:  # A guest was started in between.
                    self._wanted.set()


class Output:
    """What a guest writes, gathered until it is much or a tick has passed."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._waiting: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
        self._bytes = 0
        self._ended = False

    def keep(self, stream: str, data: bytes) -> int:
        with self._lock:
            self._waiting[stream].append(data)
            self._bytes += len(data)
        if self._bytes > SEND_BYTES:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if not self._bytes:
            return
        with self._lock:
            if self._ended:
                return
            for stream, chunks in self._waiting.items():
                if chunks:
                    send(self._connection, {"stream": stream}, b"".join(chunks))
                    chunks.clear()
            self._bytes = 0

    def end(self, header: dict[str, Any]) -> None:
        with self._lock:
            self._ended = True
            out, err = (b"".join(chunks) for chunks in self._waiting.values())
            send(self._connection, {**header, "stdout": len(out)}, out + err)


class Modules:
    """Modules and components as machine code in memory, by the file they were loaded from."""

    def __init__(self, engine: wasmtime.Engine, cache: str) -> None:
        self._engine = engine
        self._cache = cache
        self._loaded: dict[tuple[object, ...], Any] = {}

    def get(self, path: str, machine_code: str) -> Any:
        """Loads what was not loaded before; a file that changed is another one. Raises `RefusedError`, `OSError`."""
        status = os.stat(path)
        key = (path, machine_code, status.st_mtime_ns, status.st_size, status.st_ino)
        module = self._loaded.pop(key, None)
        if module is None:
            module = self._load(path, machine_code)
            while len(self._loaded) >= MODULES_MAX:
                del self._loaded[next(iter(self._loaded))]
        self._loaded[key] = module
        return module

    def _load(self, path: str, machine_code: str) -> Any:
        places = (machine_code, self._place(path)) if machine_code else (self._place(path),)
        for place in places:
            try:
                return host.load(self._engine, path, place)
            except (wasmtime.WasmtimeError, OSError):
                continue  # It is not there, or was made by another version or for another machine.
        return self._compile(path, places[-1])

    def _compile(self, path: str, place: str) -> Any:
        """In a process of its own: compiling takes ten times the memory that the result does."""
        os.makedirs(self._cache, 0o700, exist_ok=True)
        fresh = f"{place}.{os.getpid()}"
        argv = (sys.executable, "-I", host.__file__, "compile", path, fresh)
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode:
            raise host.RefusedError(done.stderr.decode("utf-8", "replace").strip() or f"{path} cannot be compiled")
        os.replace(fresh, place)
        return host.load(self._engine, path, place)

    def _place(self, path: str) -> str:
        """Named by the content, the version of wasmtime and the machine: machine code is never taken for another's."""
        with open(path, "rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        machine = hashlib.sha256(f"{platform.machine()} {platform.processor()} {platform.node()}".encode()).hexdigest()
        return os.path.join(self._cache, f"{content[:40]}-{VERSION}-{machine[:8]}.cwasm")


def main() -> None:
    connection = socket.socket(fileno=int(sys.argv[1]))
    engine = host.new_engine()
    guests, modules, clock = host.Guests(engine), Modules(engine, sys.argv[2]), Clock(engine)
    send(connection, {"ready": VERSION}, b"")
    while (request := receive(connection)) is not None:
        header, stdin = request
        output = Output(connection)
        clock.run_for(output)
        try:
            module = modules.get(header["module"], header["compiled"])
            answer = _serve(guests, module, header, stdin, output)
        except host.RefusedError as refused:
            answer = {"code": host.FAILED, "why": "refused", "text": str(refused)}
        except (OSError, ValueError) as error:
            answer = {"code": host.FAILED, "why": "refused", "text": f"it cannot be loaded: {error}"}
        finally:
            clock.run_for(None)
        output.end(answer)


def _serve(guests: host.Guests, module: Any, header: dict[str, Any], stdin: bytes, output: Output) -> dict[str, Any]:
    seconds = header["seconds"]
    order = host.Order(
        header["name"],
        header["arguments"],
        header["env"],
        [tuple(each) for each in header["grants"]],
        header["invoke"],
        header["memory"],
        header["fuel"],
        ticks_max=1 << 62 if seconds is None else int(seconds / TICK_SECONDS) + 1,
    )

    def connect(wasi: wasmtime.WasiConfig) -> None:
        if header["stdin"]:
            wasi.stdin_file = header["stdin"]
        elif stdin:
            _set_stdin(wasi, stdin)
        wasi.stdout_custom = lambda data: output.keep("stdout", data)
        wasi.stderr_custom = lambda data: output.keep("stderr", data)

    end = guests.run(module, order, connect)
    text = end.text
    if text and not end.why and not host.write_result(text, header["output"], header["cwd"]):
        output.keep("stdout", text.encode())
    return {"code": end.code, "why": end.why, "text": text if end.why else ""}


def _set_stdin(wasi: wasmtime.WasiConfig, data: bytes) -> None:
    """Without a file, which the Python bindings do not offer: a file costs as much as the rest of an instance."""
    vector = _ffi.wasm_byte_vec_t()
    buffer = ctypes.create_string_buffer(data, len(data))
    _ffi.wasm_byte_vec_new(ctypes.byref(vector), len(data), ctypes.cast(buffer, ctypes.POINTER(ctypes.c_uint8)))
    _ffi.wasi_config_set_stdin_bytes(wasi.ptr(), ctypes.byref(vector))


def send(connection: socket.socket, header: dict[str, Any], body: bytes) -> None:
    text = json.dumps(header).encode()
    connection.sendall(LENGTHS.pack(len(text), len(body)) + text + body)


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes] | None:
    """The next frame, or None at the end."""
    # No request comes before the last one was answered, so what has come is of this frame alone.
    data = bytearray(connection.recv(SEND_BYTES))
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
