"""Turns the first Ctrl-C (or SIGTERM, or SIGHUP) of a run into an orderly end, and the second into an immediate one."""

import signal
import threading
from _thread import start_new_thread
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from tars.core.flag import Flag
from tars.ui.cli.console import Console
from tars.ui.cli.dispatch import heeded


@contextmanager
def interrupts(console: Console) -> Iterator[Flag]:
    """A flag that is set by the first interrupt, while the block runs; the second raises `KeyboardInterrupt`, and
    further ones do nothing: what they would interrupt is the end itself."""
    cancel = Flag()
    count = 0

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count == 1:
            cancel.set()
            # Not here: what is interrupted may be a write to the same place, or hold what the display waits for.
            start_new_thread(_tell, (console,))
        elif count == 2:
            from tars.runner.cells.spawn import AT_ONCE  # noqa: PLC0415 - what runs has loaded it; a warm run need not

            AT_ONCE.set()
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield cancel
        return
    before = {number: signal.signal(number, interrupt) for number in heeded()}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(console: Console) -> None:
    with suppress(OSError, ValueError):
        console.note("Interrupted: ending what runs; once more ends at once")
