"""As many checkers at once as there are cores, each made when it is first needed."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from tars.core.errors import UnavailableError
from tars.runner.sandbox import choose
from tars.rust.checking.cargo import CargoChecker
from tars.rust.checking.checker import Checker
from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.warmth import Warmth
from tars.rust.checking.workspace import Target
from tars.rust.syntax.modules import module_files
from tars.rust.values import Checked

Files = Mapping[str, bytes]


def open_checkers(target: Target, jobs: int = 0) -> "Checkers":
    """Checkers for a target, `jobs` at once (0 is one for each core). Use it as a context, or close it.

    Raises `UnavailableError` where this machine has no process sandbox, in which a workspace's build scripts run.
    """
    jobs = jobs or os.cpu_count() or 1
    if target.is_lone:
        assets = module_files(target.folder, target.root).assets
        return Checkers(lambda: _lone(target, assets), jobs)
    try:
        sandbox, _ = choose(("process",))
    except UnavailableError as error:
        raise UnavailableError(
            f"build scripts and macros run in the process sandbox, which cannot be had here: {error.message}",
            hint="install bubblewrap, or use Linux 6.2 or newer; a lone `.rs` file needs no sandbox",
        ) from error
    warmth = Warmth()
    return Checkers(lambda: CargoChecker(target, sandbox, warmth=warmth), jobs)


class Checkers:
    """A pool of checkers; every method may be called from any thread."""

    def __init__(self, make: Callable[[], Checker], jobs: int) -> None:
        self.jobs = jobs
        self._make = make
        self._all: list[Checker] = []
        self._idle: list[Checker] = []
        self._free = threading.Semaphore(jobs)
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._cancelled = False

    def __enter__(self) -> "Checkers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def one(self) -> Iterator[Checker]:
        """A checker for this thread alone; waits while all are in use. The one used last, which is the warmest, is
        lent first."""
        with self._free:
            with self._lock:
                checker = self._idle.pop() if self._idle else None
                if checker is None:
                    checker = self._make()
                    self._all.append(checker)
                    if self._cancelled:
                        checker.cancel()
            try:
                yield checker
            finally:
                with self._lock:
                    self._idle.append(checker)

    def run(self, files_list: Sequence[Files]) -> list[Checked]:
        """Checks all of these, side by side, and returns what came of them in the same order."""
        return self.each(lambda checker, files: checker.check(files), files_list)

    def each(self, ask: Callable[[Checker, Files], Checked], files_list: Sequence[Files]) -> list[Checked]:
        """As `run`, with another question than `check`."""
        if len(files_list) < 2 or self.jobs < 2:
            return [self._asked(ask, files) for files in files_list]
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.jobs, "tars-check")
        return list(self._threads.map(lambda files: self._asked(ask, files), files_list))

    def cancel(self) -> None:
        """Ends everything that is being asked, from another thread; nothing more is asked afterwards."""
        with self._lock:
            self._cancelled = True
            for checker in self._all:
                checker.cancel()

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        for checker in self._all:
            with suppress(OSError):
                checker.close()

    def _asked(self, ask: Callable[[Checker, Files], Checked], files: Files) -> Checked:
        with self.one() as checker:
            return ask(checker, files)


def _lone(target: Target, assets: Mapping[str, bytes]) -> LoneCrate:
    return LoneCrate(target.root, edition=target.edition, tests=target.tests, assets=assets, toolchain=target.toolchain)
