"""Runs a metascript headless: in a copy of the project, every agent in a sandbox, nothing of it left behind."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic
from typing import Final

from blake3 import blake3

from tars.core.errors import TarsError
from tars.core.values import Json
from tars.lang.meaning.context import Around
from tars.lang.meaning.load import load
from tars.lang.values import Loaded, Metascript
from tars.runner.events import ModuleFinished, Options, RunFinished, Status
from tars.runner.run import run
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS

LEFT_OUT: Final = shutil.ignore_patterns(".tars", ".git", "node_modules", "target", ".venv", "__pycache__")
CONFINED: Final = ("process", "wasm", "container", "hyperlight")
"""A module runs in what it asks for of these, and in the first where it asks for none of them."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of a headless run. `outputs` are the digests of the declared outputs, by path; `again_seconds` is how
    long a second run took, where one was asked for."""

    seconds: float
    failure: str
    modules: Mapping[str, float] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, Json] = field(default_factory=dict)
    again_seconds: float = 0.0


def loaded(project: Path, path: str, text: str, around: Around = Around()) -> Loaded:  # noqa: B008  (frozen)
    """What the text means as the project's metascript `path`; the project's own files are looked at, not changed.
    `around` answers for what the project remembers; without it that is nothing."""
    with _standing(project, path, text) as file:
        return load(file, project=project, languages=TOOLCHAINS.names(), sandboxes=SANDBOXES.names(), around=around)


@dataclass(frozen=True, slots=True)
class Simulation:
    """How to run headless: `again` runs twice, `jobs` modules at once, and `around` answers for what the project
    remembers, which the copy of it does not hold."""

    again: bool = False
    jobs: int = 0
    around: Around = field(default_factory=Around)


def simulate(project: Path, path: str, text: str, scratch: Path, how: Simulation = Simulation()) -> Simulated:
    """One run of the text in a fresh copy of the project below `scratch`. A failing run is a value."""
    folder = Path(mkdtemp(prefix="run-", dir=scratch))
    try:
        copy = Path(shutil.copytree(project, folder / "project", ignore=LEFT_OUT, symlinks=True))
        (copy / path).write_text(text, "utf-8")
        return _run(copy, path, how)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def outputs_of(metascript: Metascript) -> tuple[str, ...]:
    return tuple(path for module in metascript.modules for path in module.outputs)


def _run(project: Path, path: str, how: Simulation) -> Simulated:
    around = how.around
    options = Options(
        project / path, project, jobs=how.jobs, among=CONFINED, believed=around.believed, recall=around.recall
    )  # fmt: skip
    began = monotonic()
    failure, modules, results = "", dict[str, float](), dict[str, Json]()
    try:
        for event in run(options):
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
        metascript = load(
            project / path, project=project, languages=TOOLCHAINS.names(), sandboxes=SANDBOXES.names(), around=around
        ).metascript
        outputs = {each: _digest(project / each) for each in outputs_of(metascript)} if metascript else {}
    second = 0.0
    if how.again and not failure:
        began = monotonic()
        for _ in run(options):
            pass
        second = monotonic() - began
    return Simulated(seconds, failure, modules, outputs, results, second)


def _digest(path: Path) -> str:
    try:
        return blake3(path.read_bytes()).hexdigest()
    except OSError:
        return ""


@contextmanager
def _standing(project: Path, path: str, text: str) -> Iterator[Path]:
    """A file with the text beside the metascript, for as long as it is read."""
    file = (project / path).with_name(
        f".tars-evolve-{blake3(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.tars"
    )
    file.write_text(text, "utf-8")
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)
