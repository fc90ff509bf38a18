"""Runs a metascript: decides module by module what must run, has it run, and journals what came of it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from threading import Event as Flag
from time import monotonic
from typing import TYPE_CHECKING

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.errors import CorruptError, InputError, TarsError, UnavailableError
from tars.core.values import Json
from tars.lang.values import Loaded, Metascript, Module
from tars.runner.events import (
    Event,
    Findings,
    ModuleFinished,
    ModuleProgress,
    Notice,
    Options,
    RunFinished,
    RunStarted,
    Status,
    gravest,
)
from tars.runner.execute import Done, Place, Task, Underway, passed_on
from tars.runner.files import stamps
from tars.runner.inputs import declared_beliefs, named_values, write_memory
from tars.runner.ledger import Ledger
from tars.runner.planning import Planner, load_first, load_metascript, place_of, select
from tars.runner.record import few_names, last_progress, unkept
from tars.runner.results import RESULT, astray, last_result, output_paths_of, restore, unfinished_run
from tars.runner.sandbox import check_names
from tars.runner.schedule import Schedule, schedule
from tars.runner.warm import write_manifest
from tars.runner.why import reason
from tars.runner.workers import Elsewhere, Workers, start_workers, where_to_work
from tars.runner.workspace import STATE, Workspace, discard, open_workspace, save_known, sweep, try_run_lock
from tars.store import Entry
from tars.store.rewrite import put_back
from tars.store.versions import latest_number

if TYPE_CHECKING:
    from tars.runner.again import Again

POLL_SECONDS = 0.2
MOMENT_SECONDS = 0.1
"""While modules take no longer than this, each worker is given the next one before it is done with the last: else it
would spend much of its time waiting for it."""


class Run(Prefab):
    """A run as it goes on. Only its main thread touches it; workers get tasks and answer with events and results."""

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
    elsewhere: Elsewhere | None = None
    """How another engine than this process executes modules."""
    again: "Again | None" = None
    """What restarts modules whose files change meanwhile; only where somebody watches."""
    outputs: dict[str, tuple[str, ...]] = attribute(default_factory=dict)
    statuses: dict[str, Status] = attribute(default_factory=dict)
    active: dict[str, Task] = attribute(default_factory=dict)
    events: dict[str, str] = attribute(default_factory=dict)
    """The files in which the active modules report."""
    resumed: dict[str, Entry] = attribute(default_factory=dict)
    halting: bool = False
    number: int = 0
    momentary: bool = False
    """Whether the module that ended last took only a moment."""


def run(options: Options, cancel: Flag | None = None, again: "Again | None" = None) -> Iterator[Event]:
    """Runs the metascript of `options` and yields what happens, ending with a `RunFinished`.

    With `again`, modules that a change of files touches while the run goes on are restarted.

    Setting `cancel` ends every child and the run, in an orderly way; so does closing the iterator. Raises
    `InputError` where the metascript has errors, before anything is run, and `UsageError` for unknown names.
    """
    cancel = cancel or Flag()
    began = monotonic()
    first = load_first(options)
    with open_workspace(options.project, verify=options.verify) as workspace:
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
        with ExitStack() as stack:
            yield from _wait_for_others(workspace, name, stack, cancel)
            sweep(workspace)
            back = put_back(workspace.store, workspace.project).text
            if back:
                yield Notice(back)
            current, notices = prepare(options, workspace, name, cancel, first)
            current.again = again
            write_memory(current.metascript, current.place.memory)
            top = tuple(entry for entry in os.listdir(workspace.project) if entry != STATE)
            stack.callback(discard, current.place.scratch)
            yield RunStarted(current.name, tuple(current.modules), current.jobs)
            yield from notices
            yield from _work_off(current, top)
            yield _finish(current, began)


def _wait_for_others(workspace: Workspace, name: str, stack: ExitStack, cancel: Flag) -> Iterator[Event]:
    other = try_run_lock(workspace, name, stack, seconds_max=0)
    if other:
        yield Notice(f"waits for run {other} of this project to end")
    while other:
        if cancel.is_set():
            raise TarsError(f"cancelled while waiting for run {other}")
        other = try_run_lock(workspace, name, stack, seconds_max=POLL_SECONDS)


def prepare(
    options: Options, workspace: Workspace, name: str, cancel: Flag, first: tuple[Metascript, Loaded] | None
) -> tuple[Run, list[Event]]:
    """A run that is about to begin, and what the user should know of it; `first` is the metascript if it was read."""
    check_names(options.sandbox)
    metascript, loaded = first or load_metascript(options, workspace.store)
    planner = Planner(workspace, metascript, options, place_of(loaded))
    chosen = select(metascript, options)
    output = metascript.settings.output
    scratch = workspace.scratch / name
    place = Place(
        workspace.project, scratch, workspace.cache, output, name, workspace.store.objects, workspace.shared,
        f"{scratch}/memory.json", passed_on(), set(),
    )  # fmt: skip
    said = declared_beliefs(metascript)
    ledger = Ledger(workspace.store, workspace.project, output, name, metascript.path, said)
    elsewhere, cores, told = where_to_work(options)
    jobs = options.jobs or metascript.settings.jobs or cores
    current = Run(
        name, options, workspace, metascript, planner, {module.address: module for module in chosen},
        schedule(chosen, workspace.seconds), place, ledger, jobs, cancel, elsewhere,
    )  # fmt: skip
    notices = [Findings(loaded.diagnostics, loaded.texts), *told] if loaded.diagnostics else told
    if options.resume:
        interrupted = unfinished_run(workspace.store, metascript.path)
        if interrupted is None:
            notices.append(Notice("there is no interrupted run to resume; this is a new one"))
        else:
            current.resumed = {
                entry.subject: entry for entry in workspace.store.entries(kind=RESULT, run=interrupted)
            }  # fmt: skip
            notices.append(Notice(f"resumes run {interrupted}: {len(current.resumed)} modules were done"))
    _stored_outputs(current)
    return current, notices


def _stored_outputs(current: Run) -> None:
    """For needs that are not part of this run: what their last success left stands in for it."""
    for module in current.modules.values():
        for need in module.needs:
            if need not in current.modules and need not in current.outputs:
                entry = last_result(current.workspace.store, need)
                if entry is None:
                    raise InputError(
                        f"{module.address} needs {need}, which has no stored result", (),
                        hint=f"run it first: `tarscli run-module {need} --with-deps`",
                    )  # fmt: skip
                current.outputs[need] = output_paths_of(entry.body)


def _refuse_missing(current: Run) -> Iterator[Event]:
    """Names what this machine lacks before anything runs; the modules that do not need it run all the same."""
    lacks = {module.address: current.planner.missing(module) for module in current.modules.values()}
    missing = {address: lack for address, lack in lacks.items() if lack is not None}
    current.statuses |= dict.fromkeys(missing, Status.UNAVAILABLE)  # all of them, before any is skipped for another
    for address, lack in missing.items():
        yield from _fail(current, ModuleFinished(address, Status.UNAVAILABLE, error=lack.message, hint=lack.hint))
    yield from current.planner.notices()


def _work_off(current: Run, top: tuple[str, ...]) -> Iterator[Event]:
    """Runs all that can run. However this ends, no child outlives it, and results that came too late are kept too."""
    workers = start_workers(current.jobs, current.place, top, current.cancel, current.elsewhere)
    try:
        yield from _refuse_missing(current)
        yield from _loop(current, workers)
    except BaseException:
        current.cancel.set()
        raise
    finally:
        for done in workers.end():
            current.ledger.add(done)
        if current.cancel.is_set():
            current.ledger.commit()  # whoever closes the iterator does not come to the end, which commits the rest


def _loop(current: Run, workers: Workers) -> Iterator[Event]:
    while True:
        if current.cancel.is_set():
            current.halting = True
        _halt(current, workers)
        active_max = current.jobs * (2 if current.momentary else 1)
        while len(current.active) < active_max and not current.halting:
            address = current.schedule.pop()
            if address is None:
                break
            if address not in current.statuses and address not in current.active:
                yield from _start(current, current.modules[address], workers)
        if not current.active:
            break
        if current.ledger.due():
            current.ledger.commit()
        yield from _next_events(current, workers)
        if current.again is not None:
            yield from current.again.restart(current)
    cause = "cancelled" if current.cancel.is_set() else "the run ended first"
    for address in current.modules:
        if address not in current.statuses:
            current.statuses[address] = Status.SKIPPED
            yield ModuleFinished(address, Status.SKIPPED, error=cause)


def _halt(current: Run, workers: Workers) -> None:
    """Where the run is to end, nothing that was given ahead is begun any more."""
    if current.halting:
        for task in workers.take_back():
            del current.active[task.module.address]


def _next_events(current: Run, workers: Workers) -> Iterator[Event]:
    news = workers.take(POLL_SECONDS)
    match news:
        case None:
            for address, path in current.events.items():
                fraction = last_progress(path)
                if fraction is not None:
                    yield ModuleProgress(address, fraction)
        case Done():
            yield from _done(current, news)
            if news.status is not Status.SUCCEEDED:
                _halt(current, workers)
                workers.heard.release()
        case Underway():
            current.events[news.address] = news.events
        case BaseException():
            raise news
        case _:
            yield news


def _start(current: Run, module: Module, workers: Workers) -> Iterator[Event]:
    """Reuses the module's stored result or hands it to a worker."""
    try:
        current.number += 1
        task = current.planner.task(module, current.number, current.outputs)
        stop = current.again.note(task, current.cancel) if current.again is not None else None
        entry = reusable(current, task)
        if entry is not None:
            stray = astray(entry.body, current.workspace.files)
            try:
                restore(stray, current.place.objects, current.workspace.files, current.workspace.project)
            except CorruptError as error:
                yield Notice(f"{module.address} runs again: {error.message}", error.hint)
            else:
                why = f"restored from the store: {', '.join(sorted(stray)[:3])}" if stray else "nothing changed"
                yield from _reuse(current, module.address, entry, why)
                return
        task = replace(task, why=cause(current, task))
        current.active[module.address] = task
        workers.give(task, stop)
    except TarsError as error:
        status = Status.UNAVAILABLE if isinstance(error, UnavailableError) else Status.FAILED
        findings = error.diagnostics if isinstance(error, InputError) else ()
        failed = ModuleFinished(module.address, status, error=error.message, hint=error.hint, diagnostics=findings)
        yield from _fail(current, failed)


def cause(current: Run, task: Task) -> str:
    """Why the task runs now, in a sentence."""
    known = current.ledger.had_history or current.again is not None
    last = last_result(current.workspace.store, task.module.address) if known else None
    return reason(last, task, force=current.options.force)


def reusable(current: Run, task: Task) -> Entry | None:
    """The stored success that stands for the task, or None where it must run."""
    resumed = current.resumed.get(task.module.address)
    if resumed is not None and resumed.key == task.key:
        return resumed
    if current.options.force or not task.module.cache or not current.ledger.had_history:
        return None
    return current.workspace.store.latest(RESULT, key=task.key)


def _reuse(current: Run, address: str, entry: Entry, why: str) -> Iterator[Event]:
    current.statuses[address] = Status.CACHED
    current.outputs[address] = output_paths_of(entry.body)
    current.ledger.keep(address, entry)
    current.schedule.done(address)
    yield ModuleFinished(address, Status.CACHED, why=why)


def _done(current: Run, done: Done) -> Iterator[Event]:
    address = done.task.module.address
    del current.active[address]
    current.events.pop(address, None)
    current.momentary = done.seconds < MOMENT_SECONDS
    if current.again is not None and current.again.was_stopped(current, done):
        return
    if done.status is Status.SUCCEEDED:
        yield from _settle(current, done)
    record = current.ledger.add(done)
    ended = ModuleFinished(
        address, done.status, done.seconds, done.error, done.hint, done.task.why, done.diagnostics, record
    )  # fmt: skip
    yield from (Notice(f"{address} {words}") for words in unkept(done.reported))
    if done.status is not Status.SUCCEEDED:
        current.halting = current.halting or done.ends_run
        yield from _fail(current, ended)
        return
    files = current.workspace.files
    for path, leaf in done.delivered.items():
        files.remember(path, leaf.digest)
    if done.undeclared:
        names = few_names(done.undeclared)
        yield Notice(f"{address} wrote {names}, which it does not declare: not kept", "add them to its `output`")
    current.planner.renew()
    current.statuses[address] = Status.SUCCEEDED
    current.outputs[address] = tuple(done.delivered)
    current.workspace.seconds[address] = done.seconds
    current.schedule.done(address)
    yield ended


def _fail(current: Run, ended: ModuleFinished) -> Iterator[Event]:
    """Ends a module that did not succeed, and with it what needs its outputs."""
    current.statuses[ended.address] = ended.status
    if ended.status is Status.FAILED and not current.options.keep_going:
        current.halting = True
    yield ended
    for dropped in current.schedule.drop(ended.address):
        if dropped not in current.statuses:
            current.statuses[dropped] = Status.SKIPPED
            yield ModuleFinished(dropped, Status.SKIPPED, error=f"it needs {ended.address}")


def _settle(current: Run, done: Done) -> Iterator[Event]:
    """A result counts for later runs only if what it rests on did not change while it was made."""
    files = current.workspace.files
    # The source of a pinned module is the store's: what stands in the project under that name is another matter.
    kinds = ("input",) if done.task.module.pin else ("source", "input", "dependencies")
    for name, digest in done.task.grounds.items():
        kind, _, path = name.partition(" ")
        is_file = kind in kinds and not name.startswith("input value")
        if is_file and files.digest_of(path) != digest:
            done.task = replace(done.task, key="")
            yield Notice(f"{path} changed while {done.task.module.address} ran: it will run again next time")
            return


def _finish(current: Run, began: float) -> RunFinished:
    status = gravest(current.statuses.values(), cancelled=current.cancel.is_set())
    counts = {str(kind): 0 for kind in Status}
    for ended in current.statuses.values():
        counts[str(ended)] += 1
    version = current.ledger.finish(status, counts)
    save_known(current.workspace)
    outputs = named_values(current.metascript.outputs, current.outputs)
    if status is Status.SUCCEEDED:
        _keep_warm(current, version, outputs)
    return RunFinished(current.name, status, counts, monotonic() - began, version, outputs)


def _keep_warm(current: Run, version: int | None, outputs: Mapping[str, Json]) -> None:
    """Lets the next plain run of this metascript prove in a few milliseconds that nothing changed."""
    options, metascript = current.options, current.metascript
    plain = not (options.only or options.start_from or options.variables or options.sandbox or options.among)
    if not plain or any(module.pin or not module.cache for module in metascript.modules):
        return
    # These change with every entry of the journal, and with the loss of objects: then the fast path proves nothing.
    more = (*current.planner.programs(), f"{STATE}/journal.head", f"{STATE}/objects")
    write_manifest(
        str(options.project),
        metascript.path,
        modules=len(metascript.modules),
        version=version or latest_number(current.workspace.store),
        outputs=outputs,
        names=metascript.environment_reads,
        stamps=stamps(current.workspace.files, metascript.reads, more),
    )
