"""The state of a run as its events tell it: what every display of a run, live or plain, reads."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.runner.events import (
    Event,
    Findings,
    ModuleFinished,
    ModuleOutput,
    ModuleProgress,
    ModuleRetry,
    ModuleStarted,
    RunFinished,
    RunStarted,
    Status,
)
from tars.ui.cli.lines import Lines

TAIL_LINES = 12
SLOWEST = 5


class Active(Prefab):
    """A module that is running now; `since` is the clock's reading when its phase began."""

    phase: str
    attempt: int
    since: float
    fraction: float | None = None
    stdout: Lines = attribute(default_factory=lambda: Lines(1))
    stderr: Lines = attribute(default_factory=lambda: Lines(TAIL_LINES))
    last: str = ""


class Board(Prefab):
    """Everything that a display shows; its size is bounded by the modules that run now and those that failed.

    `finished` holds the result of every module while there are at most `all_max` of them, else only the recent ones.
    """

    all_max: int = 100
    run: str = ""
    modules: tuple[str, ...] = ()
    active: dict[str, Active] = attribute(default_factory=dict)
    finished: dict[str, ModuleFinished] = attribute(default_factory=dict)
    failures: list[tuple[ModuleFinished, tuple[str, ...]]] = attribute(default_factory=list)
    counts: Counter[Status] = attribute(default_factory=Counter)
    slowest: list[tuple[float, str]] = attribute(default_factory=list)
    findings: Findings | None = None
    end: RunFinished | None = None
    labels: Mapping[str, str] = attribute(default_factory=dict)

    def apply(self, event: Event, now: float) -> None:
        """Take in one event that came at `now`, in seconds of any steady clock."""
        if isinstance(event, ModuleOutput):
            self._output(event)
        elif isinstance(event, ModuleStarted):
            self._begin_again(event.address)
            old = self.active.get(event.address)
            self.active[event.address] = fresh = Active(event.phase, event.attempt, now)
            if old is not None:
                fresh.last = old.last
                if old.phase == event.phase:  # What the build wrote does not explain why the run failed.
                    fresh.stdout, fresh.stderr = old.stdout, old.stderr
        elif isinstance(event, ModuleProgress) and event.address in self.active:
            self.active[event.address].fraction = min(max(event.fraction, 0.0), 1.0)
        elif isinstance(event, ModuleRetry) and event.address in self.active:
            self.active[event.address].last = f"attempt {event.attempt} failed: {event.error}"
        elif isinstance(event, ModuleFinished):
            self._finished(event)
        elif isinstance(event, RunStarted):
            self.run, self.modules, self.labels = event.run, event.modules, labels(event.modules)
        elif isinstance(event, RunFinished):
            self.end = event
        elif isinstance(event, Findings):
            self.findings = event

    def label(self, address: str) -> str:
        """The module's name where no other module of the run has it, else its address."""
        return self.labels.get(address, address)

    @property
    def done(self) -> int:
        return sum(self.counts.values())

    def _output(self, event: ModuleOutput) -> None:
        active = self.active.get(event.address)
        if active is None:
            return
        lines = active.stdout if event.stream == "stdout" else active.stderr
        lines.glance(event.data)
        active.last = lines.last or active.last

    def _begin_again(self, address: str) -> None:
        """What had ended and starts anew, because a file changed, is counted once."""
        if before := self.finished.pop(address, None):
            self.counts[before.status] -= 1
            self.failures = [failure for failure in self.failures if failure[0].address != address]

    def _finished(self, event: ModuleFinished) -> None:
        self._begin_again(event.address)
        active = self.active.pop(event.address, None)
        self.counts[event.status] += 1
        self.finished[event.address] = event
        if len(self.finished) > self.all_max:
            del self.finished[next(iter(self.finished))]
        if event.status in (Status.FAILED, Status.UNAVAILABLE):
            tail: tuple[str, ...] = ()
            if active is not None:
                active.stderr.finish()
                tail = tuple(active.stderr.kept) or tuple(active.stdout.kept)
            self.failures.append((event, tail))
        if event.status is Status.SUCCEEDED:
            heapq.heappush(self.slowest, (event.seconds, event.address))
            if len(self.slowest) > SLOWEST:
                heapq.heappop(self.slowest)


def labels(addresses: Sequence[str]) -> dict[str, str]:
    """For each address the short name to show: the name alone where it is unique."""
    names = Counter(address.rpartition(".")[2] for address in addresses)
    return {address: short if names[short := address.rpartition(".")[2]] == 1 else address for address in addresses}


def seconds_text(seconds: float) -> str:
    """A duration for people: `40 ms`, `1.2 s`, `3 min 05 s`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
