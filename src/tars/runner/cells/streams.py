"""A running command's standard streams: reads both outputs and feeds the input at once, so that no side hangs."""

import os
import select
from contextlib import suppress
from typing import Literal

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.runner.values import Watch

READ_BYTES = 1 << 20
SMALL_PIPE_BYTES = 1 << 16
"""What a pipe holds unless told otherwise; a command that fills it is given a pipe of `READ_BYTES`."""

_set_pipe_size: int | None = None
with suppress(ImportError, AttributeError):
    from fcntl import F_SETPIPE_SZ, fcntl

    _set_pipe_size = F_SETPIPE_SZ


class Output(Prefab):
    """One of the command's outputs: what is kept of it, up to `bytes_max`, and how much was dropped."""

    name: Literal["stdout", "stderr"]
    descriptor: int
    bytes_max: int
    chunks: list[bytes] = attribute(default_factory=list)
    kept_bytes: int = 0
    dropped_bytes: int = 0
    enlarged: bool = False

    @property
    def data(self) -> bytes:
        return b"".join(self.chunks)

    def keep(self, data: bytes) -> None:
        room = self.bytes_max - self.kept_bytes
        if len(data) > room:
            self.dropped_bytes += len(data) - room
            data = data[:room]
        if data:
            self.chunks.append(data)
            self.kept_bytes += len(data)


class Streams:
    """The parent's ends of a command's pipes, and the command's own end as something to wait for.

    `exit_descriptor` becomes readable when the command ends (a pidfd), or is -1 where the system has no such thing.
    """

    def __init__(self, stdout: Output, stderr: Output, stdin: int, data: bytes, watch: Watch | None) -> None:
        self.open = {stdout.descriptor: stdout, stderr.descriptor: stderr}
        self.stdin = stdin
        self.exited = False
        self._watch = watch
        self._pending = memoryview(data)
        self._exit_descriptor = -1
        self._poll = select.poll()
        self._listens = False
        if stdin >= 0:
            os.set_blocking(stdin, False)
            self._write()
            if self.stdin >= 0:
                self._poll.register(stdin, select.POLLOUT)

    def expect_exit(self, descriptor: int) -> None:
        """Also wait for this descriptor, which becomes readable when the command ends."""
        self._exit_descriptor = descriptor
        self._poll.register(descriptor, select.POLLIN)

    def listen(self) -> None:
        """From now on also wait for output. Until then it waits in its pipe, and the end of a command that only ran
        for a moment is one event instead of three."""
        if not self._listens:
            self._listens = True
            for descriptor in self.open:
                self._poll.register(descriptor, select.POLLIN)

    def pump(self, seconds: float | None) -> None:
        """Waits until something happens, at most `seconds`, and moves what there is to move."""
        milliseconds = None if seconds is None else max(0.0, seconds) * 1000
        for descriptor, happened in self._poll.poll(milliseconds):
            if descriptor == self._exit_descriptor:
                self.exited = True
                self._poll.unregister(descriptor)
            elif descriptor == self.stdin:
                self._write()
            elif descriptor not in self.open:
                continue
            elif happened == select.POLLHUP:  # nothing is left to read, and nobody left to write
                self._close(self.open[descriptor])
            else:
                self._read(self.open[descriptor])

    def stop_watching(self) -> None:
        """Output goes on being kept, but no one is told of it."""
        self._watch = None

    def close(self) -> None:
        """Closes what is still open; a process that holds the other end finds its pipe broken."""
        for output in tuple(self.open.values()):
            self._close(output)
        self._close_stdin()

    def _read(self, output: Output) -> None:
        # Something is there, or the end is, and no one else reads it: this does not wait.
        data = os.read(output.descriptor, READ_BYTES if output.enlarged else SMALL_PIPE_BYTES)
        if not data:
            self._close(output)
            return
        if len(data) >= SMALL_PIPE_BYTES and not output.enlarged:
            _enlarge(output.descriptor)
            output.enlarged = True
        output.keep(data)
        if self._watch is not None:
            self._watch(output.name, data)

    def _write(self) -> None:
        try:
            while self._pending:
                written = os.write(self.stdin, self._pending[:READ_BYTES])
                self._pending = self._pending[written:]
        except BlockingIOError:
            return
        except OSError:
            pass  # The command does not read its input, which is its right.
        self._close_stdin()

    def _close(self, output: Output) -> None:
        del self.open[output.descriptor]
        self._forget(output.descriptor)

    def _close_stdin(self) -> None:
        if self.stdin >= 0:
            descriptor, self.stdin = self.stdin, -1
            self._forget(descriptor)

    def _forget(self, descriptor: int) -> None:
        with suppress(KeyError):
            self._poll.unregister(descriptor)
        os.close(descriptor)


def _enlarge(descriptor: int) -> None:
    if _set_pipe_size is not None:
        with suppress(OSError):
            fcntl(descriptor, _set_pipe_size, READ_BYTES)
