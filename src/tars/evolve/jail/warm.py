"""A warm confined worker: one server in a sandbox for many candidates, each in a process of its own inside of it.

Good enough for screening. What a version rests on is measured again in fresh cells: a candidate shares the warm
sandbox, though no process, no open file and no memory, with those before it.
"""

import os
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final, Literal

from tars.core.errors import UnavailableError
from tars.evolve.jail.cells import SPARE_BYTES, START_SECONDS, Room, confined, python_cell, read_answer, request_of
from tars.evolve.jail.stage import stage_of
from tars.evolve.jail.values import MEMORY_BYTES, PROCESSES, Answered, Job
from tars.runner.cells.spawn import run_cell
from tars.runner.values import Limits, Outcome

MARGIN_SECONDS: Final = 5.0
"""How long the server may take beside the candidate before it counts as lost."""
LINE_BYTES_MAX: Final = 4 << 20


class Warm:
    """Starts its server when it is first needed, and again whenever a candidate has ended it."""

    def __init__(self, room: Room, folder: Path, memory_bytes_max: int = MEMORY_BYTES) -> None:
        self.room = room
        self.folder = folder
        self.memory_bytes_max = memory_bytes_max
        self.stage = stage_of(room.tree, folder)
        self.starts = 0
        self.alone = True
        """Whether the server has process numbers of its own, and so can end all that a candidate leaves."""
        self._number = 0
        self._thread: threading.Thread | None = None
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._cancel = threading.Event()
        self._feed = -1
        self._rest = b""
        self._outcome: Outcome | None = None

    def run(self, job: Job) -> Answered:
        if self._thread is None:
            self._start()
        self._number += 1
        number = self._number
        request = request_of(job, number, self.stage)
        until = monotonic() + job.seconds_max + MARGIN_SECONDS
        try:
            _write_all(self._feed, request, until)
        except (OSError, TimeoutError):
            return self._lost()
        while (line := self._next(until)) is not None:
            found = read_answer(line, number)
            if found is not None:
                return found
        return self._lost()

    def close(self) -> None:
        """Ends the server, and waits for it."""
        if self._thread is not None:
            self._cancel.set()
            os.close(self._feed)
            self._thread.join()
            self._thread = None

    def _start(self) -> None:
        self.starts += 1
        self._lines, self._cancel, self._rest = SimpleQueue(), threading.Event(), b""
        self._outcome = None
        pipe = self.folder.with_name(f"{self.folder.name}.{self.starts}.pipe")
        os.mkfifo(pipe, 0o600)
        self._feed = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        memory = self.memory_bytes_max + SPARE_BYTES
        limits = Limits(memory_bytes_max=memory, processes_max=PROCESSES, output_bytes_max=0)
        cell = python_cell(self.room, self.folder, limits, self.stage)
        self._thread = threading.Thread(target=self._attend, args=(cell, pipe), daemon=True)
        self._thread.start()
        ready = self._next(monotonic() + START_SECONDS)
        pipe.unlink(missing_ok=True)
        if ready is None or b'"ready"' not in ready:
            self.close()
            detail = (
                self._outcome.detail or self._outcome.stderr.decode("utf-8", "replace")[-300:] if self._outcome else ""
            )
            raise UnavailableError(f"the worker for candidates does not start: {detail}", hint="see `tarscli doctor`")
        self.alone = b'"alone": true' in ready

    def _attend(self, cell: object, pipe: Path) -> None:
        from tars.runner.values import Cell  # for the assertion alone  # noqa: PLC0415

        assert isinstance(cell, Cell)
        lines = self._lines
        try:
            self._outcome = run_cell(
                confined(), cell, stdin=pipe, watch=self._hear, cancel=self._cancel, grace_seconds=0.0
            )
        finally:
            lines.put(None)

    def _hear(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        if stream == "stdout":
            *whole, self._rest = (self._rest + data).split(b"\n")
            for line in whole:
                self._lines.put(line)
            if len(self._rest) > LINE_BYTES_MAX:
                raise ValueError("a worker's line has no end")

    def _next(self, until: float) -> bytes | None:
        """The next line; None where the server has ended or nothing came in time."""
        try:
            return self._lines.get(timeout=max(0.0, until - monotonic()))
        except Empty:
            return None

    def _lost(self) -> Answered:
        self.close()
        return Answered((), 0.0, "worker", "the candidate ended, or hung, the worker that it ran in")


def _write_all(descriptor: int, data: bytes, until: float) -> None:
    """Writes to the pipe as fast as it is read; raises `TimeoutError` where nobody reads any more."""
    import select  # needed only where a request is larger than a pipe  # noqa: PLC0415

    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            left = until - monotonic()
            if left <= 0 or not select.select([], [descriptor], [], min(left, 1.0))[1]:
                raise TimeoutError from None
