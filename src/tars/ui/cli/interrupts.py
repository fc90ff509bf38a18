"""Turns the first Ctrl-C (or SIGTERM, or SIGHUP) of a run into an orderly end, and the second into an immediate one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tars.ui.cli.console import Console


@contextmanager
def interrupts(console: Console) -> Iterator[threading.Event]:
    """An event that is set by the first interrupt, while the block runs; the second raises `KeyboardInterrupt`."""
    cancel = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            from tars.runner.cells.spawn import AT_ONCE  # noqa: PLC0415 - what runs has loaded it; a warm run need not

            AT_ONCE.set()
            raise KeyboardInterrupt
        cancel.set()
        console.note("Interrupted: ending what runs; once more ends at once")

    if threading.current_thread() is not threading.main_thread():
        yield cancel
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
