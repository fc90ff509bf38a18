"""Locks between processes on an open file, shared or exclusive; the system drops them when a process dies."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    class _Overlapped(ctypes.Structure):
        _fields_ = (
            ("internal", ctypes.c_void_p),
            ("internal_high", ctypes.c_void_p),
            ("offset", wintypes.DWORD),
            ("offset_high", wintypes.DWORD),
            ("event", wintypes.HANDLE),
        )

    def _take(descriptor: int, exclusive: bool, wait: bool) -> bool:
        flags = (2 if exclusive else 0) | (0 if wait else 1)
        handle = wintypes.HANDLE(msvcrt.get_osfhandle(descriptor))
        return bool(ctypes.windll.kernel32.LockFileEx(handle, flags, 0, 1, 0, ctypes.byref(_Overlapped())))

    def _drop(descriptor: int) -> None:
        handle = wintypes.HANDLE(msvcrt.get_osfhandle(descriptor))
        ctypes.windll.kernel32.UnlockFileEx(handle, 0, 1, 0, ctypes.byref(_Overlapped()))

else:
    import fcntl

    def _take(descriptor: int, exclusive: bool, wait: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def _drop(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class Lock:
    """A lock on the file at `path`. Many may hold it shared, or one exclusively.

    Threads of one process share one open file, so shared holds are counted: the lock is dropped with the last.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._holds = 0
        self._mutex = threading.Lock()

    def take_shared(self) -> None:
        """Waits for an exclusive holder to finish."""
        with self._mutex:
            if self._holds == 0:
                _take(self._open(), exclusive=False, wait=True)
            self._holds += 1

    def drop_shared(self) -> None:
        with self._mutex:
            self._holds -= 1
            if self._holds == 0:
                _drop(self._descriptor)

    @contextmanager
    def shared(self) -> Iterator[None]:
        self.take_shared()
        try:
            yield
        finally:
            self.drop_shared()

    @contextmanager
    def exclusive(self, *, seconds_max: float) -> Iterator[bool]:
        """Yields whether the lock was had within `seconds_max`; shared holds of this very process do not count."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        with self._mutex:
            own = self._holds
            if own:
                _drop(self._descriptor)
            try:
                yield _take_within(descriptor, seconds_max)
            finally:
                os.close(descriptor)
                if own:
                    _take(self._descriptor, exclusive=False, wait=True)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor, self._holds = -1, 0

    def _open(self) -> int:
        if self._descriptor < 0:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        return self._descriptor


def _take_within(descriptor: int, seconds_max: float) -> bool:
    deadline = time.monotonic() + seconds_max
    while not _take(descriptor, exclusive=True, wait=False):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True
