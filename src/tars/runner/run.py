"""Runs a metascript: decides module by module what must run, has it run, and journals what came of it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from queue import Empty
from threading import Event as Flag
from threading import Lock
from time import monotonic, time_ns
from typing import TYPE_CHECKING

from tars.core.errors import InputError, StoreError
from tars.core.values import Json
from tars.lang.values import Loaded, Metascript
from tars.runner.claims import claims_of
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
from tars.runner.execute import Done, Place, Underway, passed_on
from tars.runner.files import stamps
from tars.runner.inputs import declared_beliefs, named_values, write_memory
from tars.runner.ledger import Ledger
from tars.runner.planning import Planner, load_first, load_metascript, place_of, select
from tars.runner.record import last_progress
from tars.runner.results import RESULT, astray, output_paths_of, standing_result, unfinished_run
from tars.runner.sandbox import check_names
from tars.runner.schedule import schedule
from tars.runner.standing import note_replaced
from tars.runner.steps import Run, fail, put_back, settle, start
from tars.runner.warm import write_manifest
from tars.runner.workers import Workers, start_workers, where_to_work
from tars.runner.workspace import STATE, Workspace, discard, open_workspace, save_known, sweep, try_run_lock
from tars.store import Leaf
from tars.store.materialise import make_folder
from tars.store.rewrite import put_back as put_back_interrupted
from tars.store.versions import latest_number

if TYPE_CHECKING:
    from tars.runner.again import Again

POLL_SECONDS = 0.2
_LOOK_SECONDS = 0.05
"""How long news may lie until they are told: a thread that woke up for each would be in the way of those that work."""


def run(options: Options, cancel: Flag | None = None, again: "Again | None" = None) -> Iterator[Event]:
    """Runs the metascript of `options` and yields what happens, ending with a `RunFinished`.

    With `again`, modules that a change of files touches while the run goes on are restarted.

    Setting `cancel` ends every child and the run, in an orderly way; so does closing the iterator. Raises
    `InputError` where the metascript has errors, before anything is run, and `UsageError` for unknown names.
    """
    cancel = cancel or Flag()
    began, began_ns = monotonic(), time_ns()
    first = load_first(options)
    with open_workspace(options.project, verify=options.verify) as workspace:
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
        with ExitStack() as stack:
            yield from _wait_for_others(workspace, name, stack, cancel)
            if cancel.is_set():
                yield RunFinished(name, Status.CANCELLED, {}, monotonic() - began)
                return
            sweep(workspace)
            back = put_back_interrupted(workspace.store, workspace.project).text
            if back:
                yield Notice(back)
            current, notices = prepare(options, workspace, name, cancel, first)
            current.again = again
            write_memory(current.metascript, current.place.memory)
            top = tuple(entry for entry in os.listdir(workspace.project) if entry != STATE)
            stack.callback(discard, current.place.scratch)
            needed = stored_outputs(current)
            yield RunStarted(current.name, tuple(current.modules), current.jobs)
            yield from notices
            for need, stray in needed.items():
                yield from put_back(current, need, stray)
            yield from _work_off(current, top)
            yield from _finish(current, began, began_ns)


def _wait_for_others(workspace: Workspace, name: str, stack: ExitStack, cancel: Flag) -> Iterator[Event]:
    other = try_run_lock(workspace, name, stack, seconds_max=0)
    if other:
        yield Notice(f"waits for run {other} of this project to end")
    while other and not cancel.is_set():
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
    lock = Lock()

    def note(address: str, replaced: Mapping[str, Leaf]) -> None:
        with lock:
            note_replaced(workspace.store, name, address, replaced)

    place = Place(
        workspace.project, scratch, workspace.cache, output, name, workspace.store.objects, workspace.shared,
        f"{scratch}/memory.json", passed_on(), set(),
        claims_of(metascript.settings, metascript.modules, loaded.texts), workspace.files, note,
    )  # fmt: skip
    said = declared_beliefs(metascript)
    ledger = Ledger(workspace.store, workspace.project, output, name, metascript.path, said)
    elsewhere, cores, told = where_to_work(options)
    jobs = options.jobs or metascript.settings.jobs or cores
    current = Run(
        name, options, workspace, metascript, planner, {module.address: module for module in chosen},
        schedule(chosen, workspace.seconds), place, ledger, jobs, cancel, loaded.texts, elsewhere, lock=lock,
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
    return current, notices


def stored_outputs(current: Run) -> dict[str, dict[str, Leaf]]:
    """For needs that are not part of this run: what their last success left stands in for it. Returns, for each, those
    of its files that are not in the project as they should be."""
    stray: dict[str, dict[str, Leaf]] = {}
    known = {module.address: module for module in current.metascript.modules}
    for module in current.modules.values():
        for need in module.needs:
            if need not in current.modules and need not in current.outputs:
                entry = standing_result(current.workspace.store, known[need])
                if entry is None:
                    raise InputError(
                        f"{module.address} needs {need}, which has no stored result", (),
                        hint=f"run it first: `tarscli run-module {need} --with-deps`",
                    )  # fmt: skip
                current.outputs[need] = output_paths_of(entry.body)
                stray[need] = astray(entry.body, current.workspace.files)
    return stray


def _refuse_missing(current: Run) -> Iterator[Event]:
    """Names what this machine lacks before anything runs; the modules that do not need it run all the same."""
    lacks = {module.address: current.planner.missing(module) for module in current.modules.values()}
    missing = {address: lack for address, lack in lacks.items() if lack is not None}
    current.statuses |= dict.fromkeys(missing, Status.UNAVAILABLE)  # all of them, before any is skipped for another
    for address, lack in missing.items():
        yield from fail(current, ModuleFinished(address, Status.UNAVAILABLE, error=lack.message, hint=lack.hint))
    yield from current.planner.notices()


def _work_off(current: Run, top: tuple[str, ...]) -> Iterator[Event]:
    """Runs all that can run. However this ends, no child outlives it, and results that came too late are kept too."""
    jobs = min(current.jobs, len(current.modules))
    workers = start_workers(
        jobs, current.place, top, current.cancel, lambda done: _ended(current, workers, done), current.elsewhere
    )
    try:
        yield from _refuse_missing(current)
        yield from _loop(current, workers)
    except BaseException:
        current.cancel.set()
        raise
    finally:
        workers.end()
        if current.cancel.is_set():
            current.ledger.commit()  # whoever closes the iterator does not come to the end, which commits the rest
    yield from _told(workers, {})  # a thread may have died last of all


def _loop(current: Run, workers: Workers) -> Iterator[Event]:
    """Tells what happens, and commits, until the run is over. What runs does not wait for whoever listens."""
    reports: dict[str, str] = {}
    looked = monotonic()
    while not current.is_over:
        while _begin_next(current, workers):
            yield from _told(workers, reports)
        yield from _told(workers, reports)
        with suppress(Empty):
            current.ended.put(current.ended.get(timeout=_LOOK_SECONDS))
        with current.lock:
            current.ledger.commit_due()
            anew = [*current.again.restart(current)] if current.again and not current.is_over else ()
        yield from _told(workers, reports)
        yield from anew
        if monotonic() - looked > POLL_SECONDS:
            looked = monotonic()
            for address, path in reports.items():
                if (fraction := last_progress(path)) is not None:
                    yield ModuleProgress(address, fraction)
    yield from _told(workers, reports)
    cause = "cancelled" if current.cancel.is_set() else "the run ended first"
    for address in current.modules:
        if address not in current.statuses:
            current.statuses[address] = Status.SKIPPED
            yield ModuleFinished(address, Status.SKIPPED, error=cause)


def _told(workers: Workers, reports: dict[str, str]) -> Iterator[Event]:
    """What has happened since the last call; `reports` are the files in which the modules that run report."""
    for news in workers.news():
        match news:
            case Underway():
                reports[news.address] = news.events
            case BaseException():
                raise news
            case ModuleFinished():
                reports.pop(news.address, None)
                yield news
            case _:
                yield news


def _begin_next(current: Run, workers: Workers) -> bool:
    """Begins the next module where there is room for one; whether there may be another."""
    with current.lock:
        current.halting = current.halting or current.cancel.is_set()
        room = len(current.active) < current.jobs and not current.halting
        address = current.schedule.pop() if room else None
        if address is not None and address not in current.statuses and address not in current.active:
            workers.pass_on()
            for event in start(current, current.modules[address], workers):
                workers.tell(event)
        if address is None:
            current.beginning = False
            if not current.active:
                current.ended.put(None)
        return address is not None


def _ended(current: Run, workers: Workers, done: Done) -> None:
    """Called by the thread whose module ended."""
    with current.lock:
        for event in settle(current, done):
            workers.tell(event)
        current.ledger.commit_due()  # the main thread may be waiting for whoever listens
        if current.beginning:
            return  # so that this thread is free: the other one sees as well what can be begun now
        current.beginning = True
    while _begin_next(current, workers):
        pass


def _finish(current: Run, began: float, began_ns: int) -> Iterator[Event]:
    status = gravest(current.statuses.values(), cancelled=current.cancel.is_set())
    counts = {str(kind): 0 for kind in Status}
    for ended in current.statuses.values():
        counts[str(ended)] += 1
    version = current.ledger.finish(status, counts)
    if version is not None:
        output = current.workspace.project / current.place.output
        try:
            make_folder(current.workspace.store, output, version, current.ledger.changed)
        except StoreError as error:  # it is made of links, after the fact
            yield Notice(f"the folder of v{version} could not be made: {error.message}", error.hint)
    save_known(current.workspace)
    outputs = named_values(current.metascript.outputs, current.outputs)
    if status is Status.SUCCEEDED:
        _keep_warm(current, version, outputs, began_ns)
    yield RunFinished(current.name, status, counts, monotonic() - began, version, outputs)


def _keep_warm(current: Run, version: int | None, outputs: Mapping[str, Json], began_ns: int) -> None:
    """Lets the next plain run of this metascript prove in a few milliseconds that nothing changed."""
    options, metascript = current.options, current.metascript
    plain = not (options.only or options.start_from or options.variables or options.sandbox or options.among)
    if not plain or any(module.pin or not module.cache for module in metascript.modules):
        return
    planner = current.planner
    lines = stamps(
        current.workspace.files,
        (*metascript.reads, *planner.watched()),
        current.texts,
        planner.listing.looked.items(),
        # These change with every entry of the journal, and with the loss of objects: then the fast path proves nothing.
        (f"{STATE}/journal.head", f"{STATE}/objects"),
        began_ns=began_ns,
        appears=metascript.settings.output.partition("/")[0],
    )
    if lines is not None:
        write_manifest(
            str(options.project),
            metascript.path,
            modules=len(metascript.modules),
            version=version or latest_number(current.workspace.store),
            outputs=outputs,
            names=metascript.environment_reads,
            stamps=lines,
        )
