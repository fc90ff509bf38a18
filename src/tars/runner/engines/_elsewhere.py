"""Executes a parcel where it came to: a project is made of it, and its module is run in the ordinary way."""

import json
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import mkdtemp
from threading import Event as Flag
from threading import Thread
from time import monotonic
from typing import Any, TypeAlias

from ducktools.classbuilder.prefab import replace

from tars import __version__
from tars.core.errors import TarsError, UnavailableError
from tars.lang.values import Metascript, Settings
from tars.runner.building.unforeseen import remember
from tars.runner.claims import Claims
from tars.runner.engines._parcel import BUILD, Came, Content, News, Parcel, contents, unpack
from tars.runner.events import Event, ModuleProgress, Options, Status
from tars.runner.execute import Done, Place, Task, Underway, execute, passed_on
from tars.runner.inputs import ground_of_memory
from tars.runner.keys import differences
from tars.runner.planning import Planner
from tars.runner.record import last_progress
from tars.runner.view import Views
from tars.runner.workspace import Workspace, discard, open_workspace
from tars.store.shared import default_root

_BEAT_SECONDS = 0.1
"""How often what a module says is passed on."""
_BATCH_BYTES_MAX = 4 * 1024 * 1024
_PLACES = "elsewhere-1"
Said: TypeAlias = Event | Underway | Done


def work(parcel: Parcel, fetch: Callable[[Any], bytes]) -> Iterator[News]:
    """Runs the parcel's module; yields its events as they happen, then the contents that it made, then a `Came`.

    Closing the iterator, or an exception in it, ends the module and removes all that was made here.
    """
    home = default_root() / _PLACES
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f"{parcel.run}-", dir=home))
    cancel = Flag()
    said: SimpleQueue[Said] = SimpleQueue()
    try:
        try:
            yield from _work(parcel, folder, fetch, said, cancel)
        except TarsError as error:
            status = Status.UNAVAILABLE if isinstance(error, UnavailableError) else Status.FAILED
            yield [Came(status, error.message, error.hint)]
        except OSError as error:
            yield [Came(Status.FAILED, f"{error.strerror}: {error.filename}", "is the worker's disk full?")]
    finally:
        cancel.set()
        discard(folder)


def _work(
    parcel: Parcel,
    folder: Path,
    fetch: Callable[[Any], bytes],
    said: "SimpleQueue[Said]",
    cancel: Flag,
) -> Iterator[News]:
    if parcel.tars != __version__:
        message = f"the worker has TARS {__version__}, and this is {parcel.tars}"
        raise UnavailableError(message, hint=f"install `tars-agents=={parcel.tars}` on the workers")
    project = folder / "project"
    unpack(parcel.files, project, fetch)
    for path in parcel.folders:
        (project / path).mkdir(parents=True, exist_ok=True)
    with open_workspace(project) as workspace:
        if parcel.built and workspace.shared.get(parcel.build_key) is None:
            files = unpack(parcel.built, folder / "built", fetch)
            workspace.shared.put(parcel.build_key, files, parcel.built_meta)
        task = _task(parcel, workspace)
        place = _place(parcel, workspace)
        views = Views(
            f"{place.scratch}/view",
            str(project),
            tuple(path.name for path in project.iterdir() if path.name != ".tars"),
        )
        thread = Thread(target=lambda: said.put(execute(task, place, views, said.put, cancel)), daemon=True)
        thread.start()
        try:
            done = yield from _told(said)
        finally:
            cancel.set()
            thread.join()
        yield from _results(parcel, done, place, workspace)


def _task(parcel: Parcel, workspace: Workspace) -> Task:
    """The module as it is planned here. Raises `UnavailableError` where this machine would not do the same."""
    if parcel.unforeseen:
        remember(workspace.project, parcel.module, parcel.unforeseen)
    metascript = Metascript("elsewhere.tars", (parcel.module,), Settings(output=parcel.output))
    options = Options(workspace.project / metascript.path, workspace.project, sandbox=(parcel.sandbox,))
    planner = Planner(workspace, metascript, options, lambda module: module.address)
    planner.memory = ground_of_memory(json.loads(parcel.memory))
    task = planner.task_of(parcel.module, parcel.number, parcel.outputs)
    changed = differences(parcel.grounds, task.grounds)
    if changed:
        raise UnavailableError(
            f"on the worker the result would rest on something else: {'; '.join(changed[:3])}",
            hint="its tools must have the versions of this machine's, and what it reads must be declared; "
            "`tarscli doctor` shows the versions",
        )
    return replace(task, why=parcel.why)


def _place(parcel: Parcel, workspace: Workspace) -> Place:
    scratch = workspace.scratch / parcel.run
    scratch.mkdir(parents=True)
    memory = scratch / "memory.json"
    memory.write_bytes(parcel.memory)
    return Place(
        workspace.project, scratch, workspace.cache, parcel.output, parcel.run, workspace.store.objects,
        workspace.shared, str(memory), passed_on(), set(), Claims(Settings(output=parcel.output)),
        workspace.files, lambda address, replaced: None,
    )  # fmt: skip


def _told(said: "SimpleQueue[Said]") -> Generator[News, None, Done]:
    """Passes on what is said, in batches, with an empty one now and then; returns the `Done` that ends it."""
    events, address, fraction = "", "", -1.0
    while True:
        batch: list[Event | Content | Came] = []
        until, size = monotonic() + _BEAT_SECONDS, 0
        while size < _BATCH_BYTES_MAX and (left := until - monotonic()) > 0:
            try:
                news = said.get(timeout=left)
            except Empty:
                break
            match news:
                case Done():
                    yield batch
                    return news
                case Underway():
                    events, address = news.events, news.address
                case _:
                    batch.append(news)
                    size += sys.getsizeof(getattr(news, "data", b""))
        now = last_progress(events) if events else None
        if now is not None and now != fraction:
            fraction = now
            batch.append(ModuleProgress(address, now))
        yield batch


def _results(parcel: Parcel, done: Done, place: Place, workspace: Workspace) -> Iterator[News]:
    built = done.built
    held = workspace.shared.get(parcel.build_key) if built is not None and built.ok and not parcel.built else None
    sent: set[str] = set()
    for leaf in (*done.delivered.values(), *done.artifact.values()):
        if leaf.digest not in sent:
            sent.add(leaf.digest)
            yield from ([piece] for piece in contents(leaf.digest, place.objects.path(leaf.digest)))
    if held is not None:
        for path in held.tree:
            yield from ([piece] for piece in contents(f"{BUILD}{path}", held.folder / "files" / path))
    artifact = ""
    if built is not None and built.artifact is not None:
        artifact = built.artifact.relative_to(place.cache / "build" / built.key).as_posix()
    yield [
        Came(
            done.status, done.error, done.hint, done.diagnostics, done.attempt, done.outcome,
            outcome_is_of_build=built is not None and done.outcome is not None and done.outcome is built.outcome,
            built=built is not None and built.ok, build_seconds=built.seconds if built is not None else 0.0,
            build_meta=dict(held.meta) if held else None,
            artifact_path=artifact,
            delivered=done.delivered, artifact=done.artifact, undeclared=tuple(done.undeclared),
            reported=done.reported, seconds=done.seconds,
        )
    ]  # fmt: skip
