"""Talks to the processes that run WebAssembly guests: starts them, lends one to each guest, ends those that hang."""

import json
import os
import socket
import struct
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from select import POLLIN, poll
from subprocess import DEVNULL, Popen
from time import monotonic
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Json
from tars.runner.cells import deadman, orphans
from tars.runner.cells.limits import free_bytes
from tars.runner.cells.streams import SMALL_PIPE_BYTES, Output
from tars.runner.values import Watch

LENGTHS: Final = struct.Struct(">II")
START_SECONDS_MAX: Final = 30.0
LATE_SECONDS: Final = 0.5
"""How much later than its deadline a guest is given up: it waits in the system, where no epoch reaches it."""
LOOK_SECONDS: Final = 0.02
MOMENT_SECONDS: Final = 0.003
"""How long a guest may run before anyone listens to its output, which waits in its pipes; most end sooner."""


class Ended(Prefab, frozen=True):
    """What the host told of a guest; `why` is empty where it ended by itself, `lost` where the host ended with it."""

    code: int
    why: str
    text: str


LOST: Final = Ended(1, "lost", "the process that ran it ended")
DONE: Final = Ended(0, "", "")


class Host(Prefab):
    """One process that runs one guest at a time. Its standard output and errors are the guest's: `outputs` are our
    ends of these pipes. `ends` hears of a guest's end, `news` of that and of its output."""

    process: Popen[bytes]
    connection: socket.socket
    outputs: tuple[int, int]
    slot: int
    argv: tuple[str, ...]
    ends: poll
    news: poll

    def end(self) -> None:
        self.connection.close()
        for descriptor in self.outputs:
            os.close(descriptor)
        self.process.kill()
        self.process.wait()
        orphans.spare_no_more(self.process.pid)
        deadman.forget(self.slot)


class Hosts(Prefab, slots=False):
    """Idle hosts by what they were started with. One is lent to each guest; as many are kept as ran at once."""

    lock: threading.Lock = attribute(default_factory=threading.Lock)
    idle: dict[tuple[str, ...], list[Host]] = attribute(default_factory=dict)

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
        outputs: tuple[Output, Output],
        watch: Watch | None,
        cancel: threading.Event | None,
    ) -> Ended:
        """One guest, from its start to its end, after which the host is idle again, or ended where it hangs.
        `seconds` of the order is its time, `disk` how many bytes it must leave free. Raises whatever the watcher
        raises."""
        whole = False
        try:
            try:
                send(host.connection, order, stdin)
            except OSError:
                return LOST
            listened = dict(zip(host.outputs, outputs, strict=True))
            ended = _attend(host, order, listened, watch, cancel)
            whole = ended.why not in ("lost", "late", "cancelled", "disk")
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
    """A new host. `argv` lacks the numbers of its socket, which comes before the last argument, and of our ends of its
    outputs, which come after it."""
    ours, theirs = socket.socketpair()
    orphans.become_reaper()
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    outputs = (out_read, err_read)
    for descriptor in outputs:
        os.set_blocking(descriptor, False)
    command = (*argv[:-1], str(theirs.fileno()), argv[-1], *map(str, outputs))
    try:
        with theirs:
            process = Popen(
                command,
                stdin=DEVNULL,
                stdout=out_write,
                stderr=err_write,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath)},
                pass_fds=(theirs.fileno(), *outputs),
                start_new_session=True,
            )
    except OSError:
        for descriptor in outputs:
            os.close(descriptor)
        raise
    finally:
        for descriptor in (out_write, err_write):
            os.close(descriptor)
    orphans.spare(process.pid)
    slot, ends, news = deadman.note(process.pid), _listening((ours.fileno(),)), _listening((*outputs, ours.fileno()))
    host = Host(process, ours, outputs, slot, argv, ends, news)
    ours.settimeout(START_SECONDS_MAX)
    try:
        if receive(ours) is None:
            raise OSError(f"{argv[0]} cannot run WebAssembly: {_last_words(err_read)}")
    except OSError:
        host.end()
        raise
    ours.settimeout(None)
    return host


def _last_words(descriptor: int) -> str:
    """The last line of what a host that has ended wrote there."""
    said = b""
    with suppress(BlockingIOError):
        said = os.read(descriptor, SMALL_PIPE_BYTES)
    return said.decode("utf-8", "replace").strip().rpartition("\n")[2] or "it ended"


def _listening(descriptors: Iterable[int]) -> poll:
    made = poll()
    for descriptor in descriptors:
        made.register(descriptor, POLLIN)
    return made


def _attend(
    host: Host,
    order: Mapping[str, Json],
    outputs: Mapping[int, Output],
    watch: Watch | None,
    cancel: threading.Event | None,
) -> Ended:
    seconds, disk = order.get("seconds"), order.get("disk")
    deadline = monotonic() + float(seconds) + LATE_SECONDS if isinstance(seconds, (int, float)) else None
    ready = host.ends.poll(MOMENT_SECONDS * 1000)
    while all(descriptor in outputs for descriptor, _ in ready):
        if cancel is not None and cancel.is_set():
            return Ended(1, "cancelled", "")
        if deadline is not None and monotonic() > deadline:
            return Ended(1, "late", "")
        if isinstance(disk, int) and free_bytes(str(order["cwd"])) < disk:
            return Ended(1, "disk", "")
        ready = host.news.poll(LOOK_SECONDS * 1000)
        _hear([each for each, _ in ready], outputs, watch)
    frame = receive(host.connection)
    if frame is None:
        while _hear(outputs, outputs, watch):
            pass  # What it wrote before it died is all there.
        return LOST
    answer, body = frame
    if body:
        length = answer["stdout"]
        for output, data in zip(outputs.values(), (body[:length], body[length:]), strict=True):
            _keep(output, data, watch)
    return Ended(answer["code"], answer["why"], answer["text"]) if "code" in answer else DONE


def _hear(ready: Iterable[int], outputs: Mapping[int, Output], watch: Watch | None) -> bool:
    """Takes what there is to read; whether there was anything, which at an end there is not."""
    heard = False
    for descriptor in ready:
        with suppress(BlockingIOError):
            output = outputs.get(descriptor)
            data = b"" if output is None else os.read(descriptor, SMALL_PIPE_BYTES)
            if output is not None and data:
                heard = True
                _keep(output, data, watch)
    return heard


def _keep(output: Output, data: bytes, watch: Watch | None) -> None:
    if data:
        output.keep(data)
        if watch is not None:
            watch(output.name, data)


def send(connection: socket.socket, header: Mapping[str, Json], body: bytes) -> None:
    text = json.dumps(header).encode()
    connection.sendall(LENGTHS.pack(len(text), len(body)) + text + body)


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes] | None:
    """The next answer and its body; None where the host has ended."""
    with suppress(ConnectionResetError):
        # No answer comes before the next request, so what has come is of this one alone.
        data = connection.recv(SMALL_PIPE_BYTES)
        while len(data) < LENGTHS.size or len(data) < LENGTHS.size + sum(LENGTHS.unpack_from(data)):
            more = connection.recv(SMALL_PIPE_BYTES)
            if not more:
                return None
            data += more
        end = LENGTHS.size + LENGTHS.unpack_from(data)[0]
        return json.loads(data[LENGTHS.size : end]), data[end:]
    return None


def serve_script(host_script: str) -> str:
    """The resident host's program, beside the one that runs a single guest."""
    return os.path.join(os.path.dirname(host_script), "wasm_serve.py")
