"""Checks of many states of the files: each content once, several at a time, and never past the deadline."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from functools import lru_cache, partial
from typing import Any, Final, TypeVar

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import TarsError
from tars.episode.budget import Meter, out_of_time
from tars.rust.checking.checker import Checker
from tars.rust.checking.checkers import Checkers
from tars.rust.values import Checked, Tested

T = TypeVar("T")
TEST_SECONDS_MIN: Final = 10.0
"""Some tests alone are given at least so long,"""
_PATIENCE: Final = 3.0
"""and so many times as long as all of them took."""
_STOPPING_SECONDS: Final = 1.0


def content_key(files: Mapping[str, bytes]) -> bytes:
    """The same for the same files, whatever their order."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{len(path)} {path}".encode() + _digest(files[path]))
    return digest.digest()


@lru_cache(maxsize=16384)
def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


class Looks(Prefab, slots=False):
    """Asks checkers, one question each at a time. Answers do not depend on how many there are: what is only expected is
    asked ahead where a checker is idle, and counts once it is really asked. Close it, or use it as a context."""

    checkers: Checkers
    meter: Meter
    lints: bool = False
    _known: "dict[tuple[bytes, tuple[str, ...] | None], Future[Checked | Tested]]" = attribute(default_factory=dict)
    """By the files' contents, with the tests that are run; None where they are checked."""
    _slowest: float = 0.0
    """How long all tests took, at most so far, to be built and run."""
    _others: "list[Future[Any]]" = attribute(default_factory=list)

    def __prefab_post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.checkers.jobs, "tars-look")

    def __enter__(self) -> "Looks":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Waits for what still runs, which is ended where the time is up; the checkers stay open for their owner."""
        going = [
            future for future in (*self._known.values(), *self._others) if not future.cancel() and not future.done()
        ]
        if going and self.meter.seconds_left() <= 0:
            self.checkers.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def expect(self, several: Iterable[Mapping[str, bytes]], tests: Sequence[str] | None = None) -> None:
        """Starts to check what is likely to be asked next, or to run these `tests` of it, where checkers are idle."""
        for files in several:
            if sum(not future.done() for future in self._known.values()) >= self.checkers.jobs:
                return
            self._begin(files, tests)

    def check(self, files: Mapping[str, bytes]) -> Checked:
        """What the compiler says of these files. Raises `OverBudgetError` where the deadline comes first."""
        found = self._wait(self._begin(files, None))
        assert isinstance(found, Checked)
        return found

    def test(self, files: Mapping[str, bytes], names: Sequence[str] = ()) -> Tested:
        """What these tests find, or all where none is named. Raises `OverBudgetError` as `check` does."""
        found = self._wait(self._begin(files, names))
        assert isinstance(found, Tested)
        return found

    def run(self, work: Callable[[Checker], T]) -> T:
        """Any other question, put to the next idle checker. Raises `OverBudgetError`."""
        future = self._pool.submit(self._with_checker, work)
        self._others.append(future)
        return self._wait(future)

    def _begin(self, files: Mapping[str, bytes], tests: Sequence[str] | None) -> "Future[Checked | Tested]":
        key = (content_key(files), None if tests is None else tuple(tests))
        if key not in self._known:
            self._known[key] = self._pool.submit(self._with_checker, partial(self._answer, files, tests))
        return self._known[key]

    def _answer(self, files: Mapping[str, bytes], tests: Sequence[str] | None, checker: Checker) -> Checked | Tested:
        if tests:
            # A change may make a test run for ever, and then it is no mend.
            return checker.test(files, tests, seconds_max=max(TEST_SECONDS_MIN, _PATIENCE * self._slowest))
        if tests is not None:
            tested = checker.test(files)
            self._slowest = max(self._slowest, tested.seconds)
            return tested
        return checker.clippy(files) if self.lints else checker.check(files)

    def _with_checker(self, work: Callable[[Checker], T]) -> T:
        with self.checkers.one() as checker:
            return work(checker)

    def _wait(self, future: "Future[T]") -> T:
        try:
            return future.result(timeout=max(self.meter.seconds_left(), 0))
        except NotInTime:
            if self.meter.seconds_kept_back:  # more is to be asked, of the checkers that are idle
                raise out_of_time(self.meter.budget) from None
            self.checkers.cancel()
            raise out_of_time(self.meter.budget, _running(future)) from None


def _running(future: "Future[Any]") -> str:
    """What a question waited for that has just been cancelled; empty where it does not say so soon."""
    try:
        found = future.result(timeout=_STOPPING_SECONDS)
    except (NotInTime, CancelledError, TarsError):
        return ""
    if isinstance(found, Tested):
        return "a test"
    first = found.detail.partition("\n")[0] if isinstance(found, Checked) else ""
    return first.rpartition(": ")[0] or "the compiler" if "cancelled" in first else ""
