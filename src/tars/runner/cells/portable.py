"""Runs a command where the system has neither poll nor process groups as Unix knows them: with a thread per stream."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired, run
from time import monotonic
from typing import IO

from tars.runner.cells.streams import READ_BYTES, Output
from tars.runner.cells.wording import describe, why_not_started
from tars.runner.values import Cell, Launch, Outcome, Stop, Watch

TICK_SECONDS = 0.02
LINGER_SECONDS = 0.1
_NEW_PROCESS_GROUP = 0x200 if os.name == "nt" else 0


def run_portably(
    launch: Launch, cell: Cell, stdin: bytes | Path | None, watch: Watch | None, cancel: threading.Event | None
) -> Outcome:
    """As `run_cell`, but without limits on memory and processes, and a watcher is called from threads of its own."""
    started = monotonic()
    outputs = (
        Output("stdout", -1, cell.limits.output_bytes_max),
        Output("stderr", -1, cell.limits.output_bytes_max),
    )
    raised: list[BaseException] = []
    try:
        process = _start(launch, stdin)
    except (OSError, ValueError) as error:
        detail = why_not_started(error, launch, cell)
        return Outcome(Stop.NOT_STARTED, 127, b"", b"", monotonic() - started, detail=detail)
    assert process.stdout is not None
    assert process.stderr is not None
    work = [
        threading.Thread(target=_read, args=(process.stdout, outputs[0], watch, raised), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, outputs[1], watch, raised), daemon=True),
    ]
    if isinstance(stdin, bytes) and process.stdin is not None:
        work.append(threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True))
    for thread in work:
        thread.start()
    stop = _attend(process, cell, started, cancel, raised)
    if stop is not Stop.EXIT or raised:
        _end_tree(process)
    code = process.wait()
    for thread in work:
        thread.join(LINGER_SECONDS)
    if raised:
        raise raised[0]
    if stop is Stop.EXIT and code < 0:
        stop = Stop.SIGNAL
    stdout, stderr = outputs
    return Outcome(
        stop,
        code,
        stdout.data,
        stderr.data,
        monotonic() - started,
        stdout.dropped_bytes,
        stderr.dropped_bytes,
        describe(stop, code, cell, "", stderr.data),
    )


def _start(launch: Launch, stdin: bytes | Path | None) -> Popen[bytes]:
    opened = open(stdin, "rb") if isinstance(stdin, Path) else None  # noqa: SIM115  (the command takes it over)
    try:
        return Popen(
            launch.argv,
            stdin=opened if opened is not None else PIPE if stdin else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            bufsize=0,
            cwd=launch.cwd,
            env=launch.env,
            creationflags=_NEW_PROCESS_GROUP,
        )
    finally:
        if opened is not None:
            opened.close()


def _attend(
    process: Popen[bytes], cell: Cell, started: float, cancel: threading.Event | None, raised: list[BaseException]
) -> Stop:
    limit = cell.limits.seconds_max
    while True:
        left = TICK_SECONDS if limit is None else min(TICK_SECONDS, limit - (monotonic() - started))
        if left <= 0:
            return Stop.TIMEOUT
        if raised or (cancel is not None and cancel.is_set()):
            return Stop.CANCELLED
        with suppress(TimeoutExpired):
            process.wait(left)
            return Stop.EXIT


def _end_tree(process: Popen[bytes]) -> None:
    if os.name == "nt":
        run(("taskkill", "/F", "/T", "/PID", str(process.pid)), stdout=DEVNULL, stderr=DEVNULL, check=False)
    process.kill()


def _read(stream: IO[bytes], output: Output, watch: Watch | None, raised: list[BaseException]) -> None:
    with suppress(OSError, ValueError):
        while data := stream.read(READ_BYTES):
            output.keep(data)
            if watch is not None and not raised:
                try:
                    watch(output.name, data)
                except BaseException as error:
                    raised.append(error)


def _feed(stream: IO[bytes], data: bytes) -> None:
    """The command need not read its input."""
    with suppress(OSError, ValueError), stream:
        view = memoryview(data)
        while view:
            view = view[stream.write(view[:READ_BYTES]) :]
