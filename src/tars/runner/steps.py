"""What a run does with one module: reuses its stored result or hands it to a worker, and settles what came of it."""

from collections.abc import Generator, Iterator, Mapping
from queue import SimpleQueue
from threading import Event as Flag
from threading import Lock
from typing import TYPE_CHECKING

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.errors import CorruptError, InputError, TarsError, UnavailableError
from tars.lang.values import Metascript, Module
from tars.runner.events import Event, ModuleFinished, Notice, Options, Status
from tars.runner.execute import Done, Place, Task
from tars.runner.keys import file_out_of_date
from tars.runner.ledger import Ledger
from tars.runner.outputs import FINDINGS_MAX
from tars.runner.planning import Planner
from tars.runner.record import few_names, unkept
from tars.runner.results import RESULT, astray, output_paths_of, restore, standing_result
from tars.runner.schedule import Schedule
from tars.runner.standing import (
    delivers_exactly,
    make_empty,
    note_replaced,
    put_replaced,
    remove_stale,
    told_replaced,
    written_before,
)
from tars.runner.why import reason
from tars.runner.workers import Elsewhere, Workers
from tars.runner.workspace import Workspace
from tars.store import Entry, Leaf

if TYPE_CHECKING:
    from tars.runner.again import Again


class Run(Prefab):
    """A run as it goes on. Whoever holds `lock` moves it on: as a rule the worker thread whose module has ended, which
    settles what came of it and begins the next one; the main thread where nothing runs yet, and to commit."""

    name: str
    options: Options
    workspace: Workspace
    metascript: Metascript
    planner: Planner
    modules: dict[str, Module]
    schedule: Schedule
    place: Place
    ledger: Ledger
    jobs: int
    cancel: Flag
    texts: Mapping[str, str]
    """What the metascript and those that it includes say, by path."""
    elsewhere: Elsewhere | None = None
    """How another engine than this process executes modules."""
    again: "Again | None" = None
    """What restarts modules whose files change meanwhile; only where somebody watches."""
    outputs: dict[str, tuple[str, ...]] = attribute(default_factory=dict)
    statuses: dict[str, Status] = attribute(default_factory=dict)
    active: dict[str, Task] = attribute(default_factory=dict)
    resumed: dict[str, Entry] = attribute(default_factory=dict)
    beginning: bool = False
    """Whether a worker thread is about to begin all that can be begun."""
    number: int = 0
    lock: Lock = attribute(default_factory=Lock)
    ended: "SimpleQueue[None]" = attribute(default_factory=SimpleQueue)
    """Holds something when nothing runs any more and nothing is to be begun. A queue, because an interrupt that comes
    while one waits for an event may leave its lock held."""

    @property
    def is_over(self) -> bool:
        return not self.ended.empty()

    @property
    def halting(self) -> bool:
        """Whether what runs is still to end, and nothing else is to be begun."""
        return self.place.halting.is_set()

    @halting.setter
    def halting(self, halts: bool) -> None:
        if halts:
            self.place.halting.set()
        else:
            self.place.halting.clear()


def start(current: Run, module: Module, workers: Workers) -> Iterator[Event]:
    """Reuses the module's stored result or hands it to a worker."""
    try:
        current.number += 1
        task = current.planner.task(module, current.number, current.outputs)
        stop = current.again.note(task, current.cancel) if current.again is not None else None
        entry = reusable(current, task)
        if entry is not None:
            refused = current.place.claims.take(module.address, output_paths_of(entry.body))
            if refused:
                raise TarsError("; ".join(refused[:FINDINGS_MAX]))
            try:
                why = yield from _put_back(current, task, entry)
            except CorruptError as error:
                yield Notice(f"{module.address} runs again: {error.message}", error.hint)
            else:
                yield from _reuse(current, module.address, entry, why)
                return
        last = _last(current, module)
        why = reason(last, task, force=current.options.force)
        task = replace(task, why=why, before=_before(current, module, last))
        current.active[module.address] = task
        workers.give(task, stop)
    except TarsError as error:
        status = Status.UNAVAILABLE if isinstance(error, UnavailableError) else Status.FAILED
        findings = error.diagnostics if isinstance(error, InputError) else ()
        failed = ModuleFinished(module.address, status, error=error.message, hint=error.hint, diagnostics=findings)
        yield from fail(current, failed)


def cause(current: Run, task: Task) -> str:
    """Why the task runs now, in a sentence."""
    return reason(_last(current, task.module), task, force=current.options.force)


def _last(current: Run, module: Module) -> Entry | None:
    known = current.ledger.had_history or current.again is not None
    return standing_result(current.workspace.store, module) if known else None


def _before(current: Run, module: Module, last: Entry | None) -> frozenset[str]:
    """What earlier results of the module may have left in the project."""
    state = current.ledger.changed.get(module.name)
    return written_before(current.workspace.store, module, last, state) if last or state else frozenset()


def reusable(current: Run, task: Task) -> Entry | None:
    """The stored success that stands for the task, or None where it must run."""
    resumed = current.resumed.get(task.module.address)
    if resumed is not None and resumed.key == task.key:
        return resumed
    if current.options.force or not task.module.cache or not current.ledger.had_history:
        return None
    return current.workspace.store.latest(RESULT, key=task.key)


def _put_back(current: Run, task: Task, entry: Entry) -> Generator[Event, None, str]:
    """Has the project's files be those of a stored success of the module; returns what that took, in words."""
    workspace, module, place = current.workspace, task.module, current.place
    files, project = workspace.files, workspace.project
    stray, paths = astray(entry.body, files), output_paths_of(entry.body)
    removed: list[str] = []
    if module.outputs and not delivers_exactly(module, paths):
        before = _before(current, module, _last(current, module))
        removed = remove_stale(module, before, paths, project, files, place.objects)
    yield from put_back(current, module.address, stray)
    make_empty(module, paths, project, files)
    if stray:
        return f"restored from the store: {', '.join(sorted(stray)[:3])}"
    return f"removed what another result had left: {', '.join(removed[:3])}" if removed else "nothing changed"


def put_back(current: Run, address: str, stray: Mapping[str, Leaf]) -> Iterator[Event]:
    """Restores files of a module from the store; what stands there that is not TARS's is kept first."""
    workspace, objects = current.workspace, current.place.objects
    replaced = put_replaced(stray, workspace.project, workspace.files, objects)
    if replaced:
        note_replaced(workspace.store, current.name, address, replaced)
    restore(stray, objects, workspace.files, workspace.project)
    yield from told_replaced(address, replaced, workspace.project, objects)


def _reuse(current: Run, address: str, entry: Entry, why: str) -> Iterator[Event]:
    current.statuses[address] = Status.CACHED
    current.outputs[address] = output_paths_of(entry.body)
    current.ledger.keep(address, entry)
    current.schedule.done(address)
    yield ModuleFinished(address, Status.CACHED, why=why)


def settle(current: Run, done: Done) -> Iterator[Event]:
    address = done.task.module.address
    del current.active[address]
    if done.status is Status.SUCCEEDED:
        yield from _check_grounds(current, done)
    if current.again is not None and current.again.was_stopped(current, done):
        return
    record = current.ledger.add(done)
    ended = ModuleFinished(
        address, done.status, done.seconds, done.error, done.hint, done.task.why, done.diagnostics, record
    )  # fmt: skip
    yield from (Notice(f"{address} {words}") for words in unkept(done.reported))
    if done.status is not Status.SUCCEEDED:
        current.halting = current.halting or done.ends_run
        yield from fail(current, ended)
        return
    files = current.workspace.files
    for path, leaf in done.delivered.items():
        files.remember(path, leaf.digest)
    yield from told_replaced(address, done.replaced, current.workspace.project, current.place.objects)
    if done.undeclared:
        names = few_names(done.undeclared)
        yield Notice(f"{address} wrote {names}, which it does not declare: not kept", "add them to its `output`")
    current.planner.renew()
    current.statuses[address] = Status.SUCCEEDED
    current.outputs[address] = tuple(done.delivered)
    current.workspace.seconds[address] = done.seconds
    current.schedule.done(address)
    yield ended


def fail(current: Run, ended: ModuleFinished) -> Iterator[Event]:
    """Ends a module that did not succeed, and with it what needs its outputs."""
    current.statuses[ended.address] = ended.status
    if ended.status is Status.FAILED and not current.options.keep_going:
        current.halting = True
    yield ended
    for dropped in current.schedule.drop(ended.address):
        if dropped not in current.statuses:
            current.statuses[dropped] = Status.SKIPPED
            yield ModuleFinished(dropped, Status.SKIPPED, error=f"it needs {ended.address}")


def _check_grounds(current: Run, done: Done) -> Iterator[Event]:
    """A result counts for later runs only if what it rests on did not change while it was made."""
    task = done.task
    try:
        path = file_out_of_date(task.module, task.grounds, current.workspace.files, task.outputs)
        what = f"{path} changed" if path is not None else ""
    except TarsError as error:  # a folder stands in its place, for instance
        what = f"what it rests on changed ({error.message})"
    if what:
        done.task = replace(task, key="")
        yield Notice(f"{what} while {task.module.address} ran: it will run again next time")
