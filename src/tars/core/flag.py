"""A flag that a signal's handler may set."""

from threading import Event
from time import monotonic, sleep
from typing import Final

_TICK_SECONDS: Final = 0.05


class Flag(Event):
    """An event without a lock. A handler interrupts whatever its thread is about, also while that holds the lock of an
    ordinary event, and would then wait for itself; handlers interrupt each other as well. Waiting for it is looking."""

    def __init__(self) -> None:
        self._is_up = False

    def is_set(self) -> bool:
        return self._is_up

    def set(self) -> None:
        self._is_up = True

    def clear(self) -> None:
        self._is_up = False

    def wait(self, timeout: float | None = None) -> bool:
        until = None if timeout is None else monotonic() + timeout
        while not self.is_set() and (left := _TICK_SECONDS if until is None else until - monotonic()) > 0:
            sleep(min(left, _TICK_SECONDS))
        return self.is_set()
