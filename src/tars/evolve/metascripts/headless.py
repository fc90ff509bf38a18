"""Runs a metascript headless: in a copy of the project, every agent in a sandbox, nothing of it left behind.

Its inputs are those of the project, others that were recorded in a folder, or such as are generated from a seed.
"""

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic
from typing import Any, Final

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.errors import TarsError
from tars.core.values import Json
from tars.evolve.metascripts.generated import generate
from tars.lang.meaning.context import Around
from tars.lang.meaning.load import load
from tars.lang.values import Loaded, Metascript, PathInput
from tars.runner.events import ModuleFinished, Options, RunFinished, Status
from tars.runner.results import last_result
from tars.runner.run import run
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS
from tars.store import Store, open_store

LEFT_OUT: Final = shutil.ignore_patterns(".tars", ".git", "node_modules", "target", ".venv", "__pycache__")
CONFINED: Final = ("process", "wasm", "container", "hyperlight")
"""A module runs in what it asks for of these, and in the first where it asks for none of them."""
STATE: Final = ".tars"
LATE: Final = "it was not done after {:.3g} s"
LOOK_SECONDS: Final = 0.2


class Reported(Prefab, frozen=True):
    """What a module said of itself when it last succeeded: how long it took, its metrics, and its beliefs with their
    confidences, by id or, where they have none, by statement."""

    seconds: float
    metrics: Mapping[str, float] = attribute(default_factory=dict)
    beliefs: Mapping[str, float] = attribute(default_factory=dict)


class Simulated(Prefab, frozen=True):
    """What came of a headless run. `outputs` are the digests of the declared outputs, by path; `again_seconds` is how
    long a second run took, where one was asked for; `inputs` says what was made of each input that was replaced."""

    seconds: float
    failure: str
    modules: Mapping[str, float] = attribute(default_factory=dict)
    outputs: Mapping[str, str] = attribute(default_factory=dict)
    results: Mapping[str, Json] = attribute(default_factory=dict)
    again_seconds: float = 0.0
    late: bool = False
    reported: Mapping[str, Reported] = attribute(default_factory=dict)
    inputs: Mapping[str, str] = attribute(default_factory=dict)


def loaded(project: Path, path: str, text: str, around: Around = Around()) -> Loaded:  # noqa: B008  (frozen)
    """What the text means as the project's metascript `path`; the project's own files are looked at, not changed.
    `around` answers for what the project remembers; without it that is nothing."""
    around = replace(around, texts={**around.texts, path: text})
    return load(
        project / path, project=project, languages=TOOLCHAINS.names(), sandboxes=SANDBOXES.names(), around=around
    )


class Simulation(Prefab, frozen=True):
    """How to run headless: `again` runs twice, `jobs` modules at once, and `around` answers for what the project
    remembers, which the copy of it does not hold. Files of the folder `recorded` take the place of the project's own;
    with `generated`, a seed, inputs are made. After `seconds_max` it is ended, where that is not 0."""

    again: bool = False
    jobs: int = 0
    around: Around = attribute(default_factory=Around)
    recorded: Path | None = None
    generated: int | None = None
    seconds_max: float = 0.0
    cancel: threading.Event = attribute(default_factory=threading.Event)


def simulate(project: Path, path: str, text: str, scratch: Path, how: Simulation = Simulation()) -> Simulated:
    """One run of the text in a fresh copy of the project below `scratch`. A failing run is a value."""
    folder = Path(mkdtemp(prefix="run-", dir=scratch))
    try:
        copy = Path(shutil.copytree(project, folder / "project", ignore=LEFT_OUT, symlinks=True))
        (copy / path).write_text(text, "utf-8")
        made = _other_inputs(copy, path, how)
        return replace(_run(copy, path, how), inputs=made)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def outputs_of(metascript: Metascript) -> tuple[str, ...]:
    return tuple(path for module in metascript.modules for path in module.outputs)


def reported_in(store: Store, addresses: Sequence[str]) -> dict[str, Reported]:
    """What each of these modules said when it last succeeded."""
    found: dict[str, Reported] = {}
    for address in addresses:
        entry = last_result(store, address)
        if entry is not None:
            body: Any = entry.body
            said = [one["belief"] for one in body.get("events", ()) if isinstance(one.get("belief"), dict)]
            beliefs = {
                str(one.get("id") or one.get("statement")): float(one["confidence"])
                for one in said
                if isinstance(one.get("confidence"), int | float)
            }
            metrics = {name: float(value) for name, value in body["metrics"].items() if isinstance(value, int | float)}
            found[address] = Reported(float(body["run_seconds"]), metrics, beliefs)
    return found


def _other_inputs(project: Path, path: str, how: Simulation) -> dict[str, str]:
    """Replaces inputs of the copy. Raises `TarsError` where the recorded ones cannot be read."""
    made: dict[str, str] = {}
    if how.recorded is not None:
        recorded = how.recorded.resolve()
        try:
            for file in sorted(recorded.rglob("*")):
                if file.is_file():
                    place = file.relative_to(recorded).as_posix()
                    (project / place).parent.mkdir(parents=True, exist_ok=True)
                    (project / place).unlink(missing_ok=True)
                    shutil.copyfile(file, project / place)
                    made[place] = "recorded"
        except OSError as error:
            raise TarsError(f"the recorded inputs in `{how.recorded}` cannot be used: {error}") from error
    if how.generated is not None:
        metascript = _metascript(project, path, how)
        modules = metascript.modules if metascript is not None else ()
        asked = {one.path for module in modules for one in module.inputs if isinstance(one, PathInput)}
        ours = {each for module in modules for each in module.outputs}
        made |= generate(project, sorted(asked - ours), how.generated)
    return made


def _metascript(project: Path, path: str, how: Simulation) -> Metascript | None:
    return load(
        project / path, project=project, languages=TOOLCHAINS.names(), sandboxes=SANDBOXES.names(), around=how.around
    ).metascript


@contextmanager
def _ending(how: Simulation) -> Iterator[tuple[threading.Event, threading.Event]]:
    """An event that is set when the run is to end, by the caller's or because it is late, and one that says so."""
    stop, late, over = threading.Event(), threading.Event(), threading.Event()
    until = monotonic() + how.seconds_max if how.seconds_max else float("inf")

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            if monotonic() >= until:
                late.set()
            if late.is_set() or how.cancel.is_set():
                stop.set()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield stop, late
    finally:
        over.set()
        watcher.join()


def _run(project: Path, path: str, how: Simulation) -> Simulated:
    with _ending(how) as (stop, late):
        ran = _attempted(project, path, how, stop)
    failure = LATE.format(how.seconds_max) if late.is_set() else ran.failure
    return replace(ran, failure=failure, late=late.is_set())


def _attempted(project: Path, path: str, how: Simulation, stop: threading.Event) -> Simulated:
    around = how.around
    options = Options(
        project / path, project, jobs=how.jobs, among=CONFINED, believed=around.believed, recall=around.recall
    )  # fmt: skip
    began = monotonic()
    failure, modules, results = "", dict[str, float](), dict[str, Json]()
    try:
        for event in run(options, stop):
            if isinstance(event, ModuleFinished):
                modules[event.address] = event.seconds
                if event.status is not Status.SUCCEEDED and event.status is not Status.CACHED:
                    failure = failure or f"{event.address} {event.status}: {event.error}"
            elif isinstance(event, RunFinished):
                results = dict(event.outputs)
    except TarsError as error:
        failure = error.message
    seconds = monotonic() - began
    outputs: dict[str, str] = {}
    if not failure:
        metascript = _metascript(project, path, how)
        outputs = {each: _digest(project / each) for each in outputs_of(metascript)} if metascript else {}
    second = 0.0
    if how.again and not failure:
        began = monotonic()
        for _ in run(options, stop):
            pass
        second = monotonic() - began
    with open_store(project / STATE) as store:
        reported = reported_in(store, list(modules))
    return Simulated(seconds, failure, modules, outputs, results, second, reported=reported)


def _digest(path: Path) -> str:
    try:
        return blake3(path.read_bytes()).hexdigest()
    except OSError:
        return ""
