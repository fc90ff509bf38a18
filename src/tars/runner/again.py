"""Restarts, while a run goes on, the modules that a change of files touches and those that need them, and no others."""

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import TarsError
from tars.core.flag import Flag
from tars.runner.events import Event, Notice, Status
from tars.runner.schedule import schedule

if TYPE_CHECKING:
    from tars.lang.values import Module
    from tars.runner.execute import Done, Task
    from tars.runner.steps import Run

SHOWN_MAX: Final = 3


class Changes(Protocol):
    """What somebody who watches the project's files has seen."""

    def take(self) -> frozenset[str]:
        """The paths, relative to the project, that changed since the last call; never waits."""
        ...

    def put_back(self, paths: frozenset[str]) -> None:
        """Leaves what was taken to the next run, which is to begin at once."""
        ...


class Stop(Flag):
    """Set where it was set, or where the whole run is cancelled."""

    def __init__(self, cancel: threading.Event) -> None:
        super().__init__()
        self.cancel = cancel

    def is_set(self) -> bool:
        return self.cancel.is_set() or super().is_set()


class Again(Prefab):
    """Restarts modules of one run, the one that it is given to, as `changes` come."""

    changes: Changes
    keys: dict[str, str] = attribute(default_factory=dict)
    """What each started module rested on when it was planned."""
    stops: dict[str, Stop] = attribute(default_factory=dict)
    stopping: set[str] = attribute(default_factory=set)
    """The modules that still run and are to be started again when they have ended."""

    def note(self, task: "Task", cancel: threading.Event) -> Stop:
        """Remembers a module that is started; what stops it alone."""
        address = task.module.address
        self.keys[address] = task.key
        self.stops[address] = Stop(cancel)
        return self.stops[address]

    def restart(self, current: "Run") -> Iterator[Event]:
        """Takes what changed into account. A change of the metascript itself ends the run: the next one is another."""
        if current.cancel.is_set() or not (paths := self.changes.take()):
            return
        if not paths.isdisjoint(current.metascript.reads):
            self.changes.put_back(paths)
            current.halting = True
            for address in current.active:
                self.stops[address].set()
            return
        current.planner.renew()
        touched = _touched(current, self.keys)
        if not touched:
            return
        for address in touched:
            current.statuses.pop(address, None)
            current.outputs.pop(address, None)
            if address in current.active and address not in self.stopping:
                self.stopping.add(address)
                self.stops[address].set()
        _reschedule(current)
        names = ", ".join(address.partition(".")[2] for address in touched)
        more = f" and {len(paths) - SHOWN_MAX} more" if len(paths) > SHOWN_MAX else ""
        shown = ", ".join(sorted(paths)[:SHOWN_MAX])
        yield Notice(f"{shown}{more} changed: {names} start{'' if len(touched) > 1 else 's'} anew")

    def was_stopped(self, current: "Run", done: "Done") -> bool:
        """Whether the module ended because it is to start anew. What it finished all the same is kept: it was true."""
        address = done.task.module.address
        if address not in self.stopping:
            return False
        self.stopping.discard(address)
        if done.status is Status.SUCCEEDED:
            current.ledger.add(done)
            for path, leaf in done.delivered.items():
                current.workspace.files.remember(path, leaf.digest)
        _reschedule(current)
        return True


def _touched(current: "Run", keys: Mapping[str, str]) -> list[str]:
    """The addresses of modules that were started on other grounds than there are now, and of all that need them."""
    touched: list[str] = []
    for address, module in current.modules.items():
        was_started = address in current.active or current.statuses.get(address, Status.SKIPPED) is not Status.SKIPPED
        needs_touched = not set(touched).isdisjoint(module.needs)
        if needs_touched or (was_started and _key(current, module) != keys.get(address, "")):
            touched.append(address)
    return touched


def _key(current: "Run", module: "Module") -> str:
    """The module's key as it would run now; empty where it cannot."""
    try:
        return current.planner.task(module, 0, current.outputs).key
    except TarsError:
        return ""


def _reschedule(current: "Run") -> None:
    """What has not ended is worked off; what a failure of a touched module had stopped goes on."""
    waiting = [module for module in current.modules.values() if module.address not in current.statuses]
    current.schedule = schedule(waiting, current.workspace.seconds)
    failed = Status.FAILED in current.statuses.values() and not current.options.keep_going
    current.halting = current.cancel.is_set() or failed
