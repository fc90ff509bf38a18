"""Runs candidates, one process for each: requests come as JSON lines on stdin, answers go as JSON lines to stdout.

It is started in a sandbox, by itself, with nothing but the standard library. A candidate's process has neither these
two streams nor any other open file of this one's; what it hands back is data, which is judged elsewhere.

Request: `id`, `source`, `entry`, `calls` (a list of argument lists), `seed`, `seconds`, `memory`, `bytes`, and `stays`:
whether the process may be asked again with the same source, which is for what judges, never for candidates. Instead of
`source` there may be `start`, a file, with `base`, where its imports are looked for, and `module`, its name there.
Answer: `id`, and `answers` (one for each call) with `seconds`, or `fault` with `text`.
"""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import select
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FAULT_CHARACTERS_MAX = 400
PROCESSES_OF_ITS_OWN = 2
"""The number that a process has which a sandbox with its own process numbers started."""
_SET_DUMPABLE = 4


def main() -> None:
    settings = json.loads(sys.argv[1])
    sys.path += settings["paths"]
    _hide()
    for name in settings["preload"]:
        try:
            __import__(name)
        except Exception:  # what a library cannot do here, the candidate is told when it tries
            sys.modules.pop(name, None)
    alone = os.getpid() == PROCESSES_OF_ITS_OWN
    gc.collect()
    gc.freeze()
    _say({"ready": True, "alone": alone})
    judge = _Judge(alone)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        began = time.perf_counter()
        if request.get("stays"):
            found = judge.asked(request)
        else:
            judge.end()
            found = _run(request, alone)
        _say({"id": request["id"], "seconds": time.perf_counter() - began, **found})


def _hide() -> None:
    """No other process of this user may look into this one, or change it."""
    try:
        import ctypes  # noqa: PLC0415 - a Python without it lacks this one protection, no other

        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass


def _run(request: dict[str, Any], alone: bool) -> dict[str, Any]:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            _become_candidate(request, write)
        finally:
            os._exit(70)
    os.close(write)
    try:
        data, fault = _collect(read, child, request)
    finally:
        os.close(read)
        _end(child, alone)
    return _read(data, fault, request)


class _Judge:
    """A process that stays for one source, and is asked again and again: it saves making one for each answer."""

    def __init__(self, alone: bool) -> None:
        self.alone = alone
        self.child = 0
        self.source = ""
        self.feed = self.back = -1

    def asked(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.source != request["source"]:
            self.end()
        if not self.child:
            self._start(request)
        try:
            _write(self.feed, json.dumps(request).encode() + b"\n")
        except OSError:
            self.end()
            return {"fault": "exit", "text": ""}
        data, fault = _collect(self.back, self.child, request, whole=False)
        found = _read(data, fault, request)
        if fault or not data.endswith(b"\n") or found.get("fault") == "memory":
            self.end()
        return found

    def end(self) -> None:
        if self.child:
            os.close(self.feed)
            os.close(self.back)
            _end(self.child, self.alone)
            self.child = 0

    def _start(self, request: dict[str, Any]) -> None:
        self.source = request["source"]
        asks, self.feed = os.pipe()
        self.back, tells = os.pipe()
        self.child = os.fork()
        if not self.child:
            try:
                _become_judge(request, asks, tells)
            finally:
                os._exit(70)
        os.close(asks)
        os.close(tells)


def _become_judge(request: dict[str, Any], asks: int, tells: int) -> None:
    _confine(tells, request, asks)
    names: dict[str, Any] | None = None
    with open(4, "rb") as lines:
        for line in lines:
            asked = json.loads(line)
            _seed(asked["seed"])
            data, names = _judged(asked, names)
            _write(3, data + b"\n")


def _judged(request: dict[str, Any], names: dict[str, Any] | None) -> tuple[bytes, dict[str, Any] | None]:
    try:
        names = _loaded(request) if names is None else names
        return json.dumps({"answers": _answers(request, names)}).encode(), names
    except MemoryError:
        return _failed("memory", "it asked for more memory than it may have"), names
    except BaseException as error:
        return _failed("error", f"{type(error).__name__}: {error}"), names


def _read(data: bytes, fault: str, request: dict[str, Any]) -> dict[str, Any]:
    if fault:
        return {"fault": fault, "text": ""}
    try:
        found = json.loads(data)
        if set(found) == {"answers"} and len(found["answers"]) == len(request["calls"]):
            return {"answers": found["answers"]}
        if set(found) == {"fault", "text"}:
            return {"fault": str(found["fault"])[:40], "text": str(found["text"])[:FAULT_CHARACTERS_MAX]}
    except (ValueError, TypeError, RecursionError):
        pass
    return {"fault": "exit", "text": ""}


def _collect(read: int, child: int, request: dict[str, Any], *, whole: bool = True) -> tuple[bytes, str]:
    """What the candidate hands back until it closes its end or is gone, or the limit that it broke; without `whole`
    until a line ends. What it leaves running may hold the other end open; nobody waits for that."""
    until = time.monotonic() + request["seconds"]
    gone = os.pidfd_open(child)
    parts: list[bytes] = []
    size = 0
    try:
        while True:
            left = until - time.monotonic()
            ready = select.select([read, gone], [], [], max(0.0, left))[0]
            if not ready:
                return b"", "timeout"
            if read not in ready and not select.select([read], [], [], 0)[0]:
                return b"".join(parts), ""
            part = os.read(read, 1 << 16)
            if not part:
                return b"".join(parts), ""
            size += len(part)
            if size > request["bytes"]:
                return b"", "output"
            parts.append(part)
            if not whole and part.endswith(b"\n"):
                return b"".join(parts), ""
    finally:
        os.close(gone)


def _end(child: int, alone: bool) -> None:
    """Ends the candidate and all that it started: where the process numbers are our own, whatever else runs here."""
    try:
        if alone:
            os.kill(-1, signal.SIGKILL)
        else:
            os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os.waitpid(child, 0)
    while alone:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                break
        except ChildProcessError:
            break


def _become_candidate(request: dict[str, Any], write: int) -> None:
    _confine(write, request)
    _limit("RLIMIT_CPU", int(request["seconds"]) + 2)
    _seed(request["seed"])
    _write(3, _judged(request, None)[0])
    os._exit(0)


def _confine(write: int, request: dict[str, Any], read: int = -1) -> None:
    """Leaves the process no open file but 3, to write to, and where `read` is given 4, to read from."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    kept = os.dup(read) if read >= 0 else -1
    os.dup2(write, 3)
    if kept >= 0:
        os.dup2(kept, 4)
    os.closerange(5 if kept >= 0 else 4, 1024)
    _limit("RLIMIT_AS", request["memory"])
    _limit("RLIMIT_FSIZE", 1 << 20)
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_NOFILE", 64)


def _seed(seed: int) -> None:
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _loaded(request: dict[str, Any]) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "candidate", "__builtins__": __builtins__}
    source, path = request["source"], "candidate.py"
    if "start" in request:
        sys.path.insert(0, request["base"])
        if request["module"]:
            __import__(request["module"])
            found = sys.modules[request["module"]]
            if getattr(found, "__file__", "") == request["start"]:  # and no library of the same name
                return vars(found)
        path = names["__file__"] = request["start"]
        with open(path, "rb") as file:
            source = file.read()
    exec(compile(source, path, "exec"), names)
    return names


def _answers(request: dict[str, Any], names: dict[str, Any]) -> list[Any]:
    entry = names.get(request["entry"])
    if not callable(entry):
        raise LookupError(f"there is no function `{request['entry']}`")
    code = getattr(entry, "__code__", None)
    takes = 99 if code is None or code.co_flags & 4 else code.co_argcount
    return [entry(*arguments[:takes]) for arguments in request["calls"]]


def _failed(kind: str, text: str) -> bytes:
    try:
        return json.dumps({"fault": kind, "text": text[:FAULT_CHARACTERS_MAX]}).encode()
    except BaseException:
        return b'{"fault": "error", "text": ""}'


def _limit(name: str, value: int) -> None:
    number = getattr(resource, name, None)
    if number is not None:
        _, hard = resource.getrlimit(number)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))


def _say(answer: dict[str, Any]) -> None:
    _write(1, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
