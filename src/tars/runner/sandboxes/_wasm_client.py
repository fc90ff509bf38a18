"""Talks to the processes that run WebAssembly guests: starts them, lends one to each guest, ends those that hang."""

import json
import os
import socket
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from select import POLLIN, poll
from socket import MSG_WAITALL
from subprocess import DEVNULL, Popen
from time import monotonic
from typing import Any, Final

from tars.core.values import Json
from tars.runner.cells import deadman, orphans
from tars.runner.cells.streams import Output
from tars.runner.values import Watch

LENGTHS: Final = struct.Struct(">II")
START_SECONDS_MAX: Final = 30.0
LATE_SECONDS: Final = 0.5
"""How much later than its deadline a guest is given up: it waits in the system, where no epoch reaches it."""
LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Ended:
    """What the host told of a guest; `why` is empty where it ended by itself, `lost` where the host ended with it."""

    code: int
    why: str
    text: str


LOST: Final = Ended(1, "lost", "the process that ran it ended")


@dataclass(slots=True)
class Host:
    """One process that runs one guest at a time."""

    process: Popen[bytes]
    connection: socket.socket
    slot: int
    argv: tuple[str, ...]
    news: poll

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.wait()
        deadman.forget(self.slot)


@dataclass
class Hosts:
    """Idle hosts by what they were started with. One is lent to each guest; as many are kept as ran at once."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    idle: dict[tuple[str, ...], list[Host]] = field(default_factory=dict)

    def take(self, argv: tuple[str, ...]) -> "Host":
        """An idle host, or a new one. Raises `OSError` where none can be started."""
        with self.lock:
            kept = self.idle.get(argv)
            if kept:
                return kept.pop()
        return start(argv)

    def run(
        self,
        host: Host,
        order: Mapping[str, Json],
        stdin: bytes,
        outputs: Mapping[str, Output],
        watch: Watch | None,
        cancel: threading.Event | None,
    ) -> Ended:
        """One guest, from its start to its end, after which the host is idle again, or ended where it hangs.
        `seconds` of the order is its time. Raises whatever the watcher raises."""
        whole = False
        try:
            try:
                send(host.connection, order, stdin)
            except OSError:
                return LOST
            ended = _attend(host, order.get("seconds"), outputs, watch, cancel)
            whole = ended.why not in ("lost", "late", "cancelled")
            return ended
        finally:
            if whole:
                with self.lock:
                    self.idle.setdefault(host.argv, []).append(host)
            else:
                host.end()

    def end(self) -> None:
        """Ends the idle hosts."""
        with self.lock:
            hosts = [host for kept in self.idle.values() for host in kept]
            self.idle.clear()
        for host in hosts:
            host.end()


def start(argv: tuple[str, ...]) -> Host:
    """A new host. `argv` lacks the number of its socket, which comes before the last argument."""
    ours, theirs = socket.socketpair()
    command = (*argv[:-1], str(theirs.fileno()), argv[-1])
    orphans.become_reaper()
    with theirs:
        process = Popen(
            command,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath)},
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
    orphans.spare(process.pid)
    news = poll()
    news.register(ours, POLLIN)
    host = Host(process, ours, deadman.note(process.pid), argv, news)
    ours.settimeout(START_SECONDS_MAX)
    try:
        if receive(ours) is None:
            raise OSError(f"{argv[0]} cannot run WebAssembly")
    except OSError:
        host.end()
        raise
    ours.settimeout(None)
    return host


def _attend(
    host: Host,
    seconds: object,
    outputs: Mapping[str, Output],
    watch: Watch | None,
    cancel: threading.Event | None,
) -> Ended:
    deadline = monotonic() + float(seconds) + LATE_SECONDS if isinstance(seconds, (int, float)) else None
    while True:
        while not host.news.poll(LOOK_SECONDS * 1000):
            if cancel is not None and cancel.is_set():
                return Ended(1, "cancelled", "")
            if deadline is not None and monotonic() > deadline:
                return Ended(1, "late", "")
        frame = receive(host.connection)
        if frame is None:
            return LOST
        header, body = frame
        stream = header.get("stream")
        pieces = {stream: body} if stream else {"stdout": body[: header["stdout"]], "stderr": body[header["stdout"] :]}
        for name, data in pieces.items():
            if data:
                outputs[name].keep(data)
                if watch is not None:
                    watch(outputs[name].name, data)
        if not stream:
            return Ended(header["code"], header["why"], header["text"])


def send(connection: socket.socket, header: Mapping[str, Json], body: bytes) -> None:
    text = json.dumps(header).encode()
    connection.sendall(LENGTHS.pack(len(text), len(body)) + text + body)


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes] | None:
    """The next frame, or None where the other side has ended."""
    with suppress(ConnectionResetError):
        lengths = connection.recv(LENGTHS.size, MSG_WAITALL)
        if len(lengths) == LENGTHS.size:
            text_bytes, body_bytes = LENGTHS.unpack(lengths)
            both = _exactly(connection, text_bytes + body_bytes)
            if both is not None:
                return json.loads(both[:text_bytes]), both[text_bytes:]
    return None


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    data = connection.recv(count)
    if len(data) == count:
        return data
    pieces = [data]
    left = count - len(data)
    while left:
        more = connection.recv(min(left, 1 << 20))
        if not more:
            return None
        pieces.append(more)
        left -= len(more)
    return b"".join(pieces)


def serve_script(host_script: str) -> str:
    """The resident host's program, beside the one that runs a single guest."""
    return os.path.join(os.path.dirname(host_script), "wasm_serve.py")
