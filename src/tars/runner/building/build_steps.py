"""Runs the steps of a build in its folder, outside any sandbox, and keeps what they say."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError
from tars.runner.building.container import Mounts, engine, image_of, inside, wrapped
from tars.runner.building.expand import Expand, Rendered, clean_env
from tars.runner.building.sources import joined
from tars.runner.cells.limits import spared_bytes
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES
from tars.runner.values import BuildPlan, Cell, Found, Limits, Outcome, Source, Step, Watch
from tars.store.lock import Lock

if TYPE_CHECKING:
    from tars.store.shared import Shared

STEP_SECONDS_MAX: Final = 3600.0
LOG_BYTES_MAX: Final = 8 * 1024 * 1024


class Workshop(Prefab, frozen=True):
    """A build as it is about to run: what is planned, and where."""

    source: Source
    plan: BuildPlan
    found: "Mapping[str, Found]"
    expand: Expand
    project: str
    place: Path
    shared: "Shared"
    watch: Watch | None
    cancel: threading.Event | None

    @property
    def work(self) -> Path:
        """The folder that is kept between builds of the same source in this project."""
        module = self.source.module
        name = blake3(f"{module.language}\n{module.source}".encode()).hexdigest()[:16]
        return Path(self.project, ".tars", "cache", "work", name)


def run_steps(workshop: Workshop, folder: Path) -> tuple[Outcome | None, bytes]:
    """The outcome of the step that failed, else of the last one, and the log of all. Makes the artifact in `folder`."""
    plan = workshop.plan
    with _work_folder(workshop):
        expand = workshop.expand.with_words(build=str(folder), work=str(workshop.work))
        if plan.mirror:
            _mirror(workshop)
            base = str(workshop.work / "project")
            own = workshop.source.module.source
            expand = expand.with_words(project=base, source=base if own in ("", ".") else os.path.join(base, own))
        _write_files(plan, expand, folder)
        log = Log(workshop.watch)
        outcome = None
        for step in (*plan.steps, *plan.checks):
            outcome = run_step(_cell(workshop, step, expand, folder), step, log, workshop.cancel)
            if not outcome.ok:
                return outcome, log.content()
        if plan.made:
            made, artifact = Path(expand.text(plan.made)), folder / expand.text(plan.artifact)
            if made.is_file():
                shutil.copy2(made, artifact)
        return outcome, log.content()


def step_limits(folder: Path) -> Limits:
    """What holds for a step that writes into the folder: it runs unconfined, but ends, and does not fill the disk."""
    return Limits(STEP_SECONDS_MAX, disk_bytes_min=spared_bytes(str(folder)))


def run_step(cell: Cell, step: Step, log: "Log", cancel: threading.Event | None) -> Outcome:
    """Run one step; what it writes goes into the log and to whoever watches."""
    log.note(f"$ {' '.join(cell.argv)}\n")
    with log.reading(step.rendered) as watch:
        outcome = run_cell(SANDBOXES.load("none"), cell, watch=watch, cancel=cancel)
    log.note(f"[{outcome.detail or f'exit {outcome.code}'}, {outcome.seconds:.2f} s]\n")
    return outcome


class Log:
    """The log of a build: the commands, what they wrote as it came, how they ended; the first `LOG_BYTES_MAX` of it."""

    def __init__(self, watch: Watch | None) -> None:
        self._watch = watch
        self._parts: list[bytes] = []
        self._bytes = 0

    def note(self, line: str) -> None:
        self._add(line.encode("utf-8", "surrogateescape"))

    def content(self) -> bytes:
        return b"".join(self._parts)

    @contextmanager
    def reading(self, rendered: bool) -> "Iterator[Watch]":
        """A watch that keeps what it is given, and passes it on; with `rendered`, the text in JSON lines only."""
        lines = {stream: Rendered(self._passer(stream)) for stream in ("stdout", "stderr")} if rendered else {}

        def watch(stream: Literal["stdout", "stderr"], data: bytes) -> None:
            if rendered:
                lines[stream].feed(data)
            else:
                self._pass(stream, data)

        yield watch
        for one in lines.values():
            one.close()

    def _passer(self, stream: str) -> "Callable[[bytes], None]":
        return lambda data: self._pass("stdout" if stream == "stdout" else "stderr", data)

    def _pass(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        self._add(data)
        if self._watch is not None:
            self._watch(stream, data)

    def _add(self, data: bytes) -> None:
        data = data[: max(LOG_BYTES_MAX - self._bytes, 0)]
        self._bytes += len(data)
        self._parts.append(data)


def _cell(workshop: Workshop, step: Step, expand: Expand, folder: Path) -> Cell:
    env = clean_env(workshop.found)
    image = image_of(workshop.source)
    if image:
        mounts = Mounts(workshop.project, str(folder), str(workshop.work))
        words = inside(Expand("", "", {}), workshop.source.module.source, workshop.plan.mirror)
        argv = wrapped(engine(), image, mounts, step, words)
        return Cell(argv, folder, env, step_limits(folder), network=True)
    cwd = Path(expand.text(step.cwd))
    return Cell(expand.argv(step), cwd, {**env, **expand.env(step)}, step_limits(cwd), network=True)


def _write_files(plan: BuildPlan, expand: Expand, folder: Path) -> None:
    for name, content in plan.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(expand.json_text(content) if name.endswith(".json") else content)


@contextmanager
def _work_folder(workshop: Workshop) -> Iterator[None]:
    """The folder kept between builds, for one build at a time."""
    plan = workshop.plan
    uses = plan.mirror or image_of(workshop.source) or "{work}" in plan.made
    if not (uses or any("{work}" in part for step in plan.steps for part in step.argv)):
        yield
        return
    work = workshop.work
    work.mkdir(parents=True, exist_ok=True)
    lock = Lock(work.with_suffix(".lock"))
    with lock.exclusive(seconds_max=STEP_SECONDS_MAX) as had:
        if not had:
            raise TarsError(
                f"another build of `{workshop.source.module.source}` has not ended for an hour",
                hint="end that process, then run again",
            )
        yield


def _mirror(workshop: Workshop) -> None:
    """Bring the copy of the source up to date. A file is written only where its content differs, so that its time tells
    the truth to tools that go by it, whatever times the user's own files have."""
    base = workshop.work / "project"
    wanted = set()
    folders = {""}
    for path in workshop.plan.reads:
        content = workshop.source.files[path]
        target = base / path
        wanted.add(path)
        parent = path.rpartition("/")[0]
        while parent:
            folders.add(parent)
            parent = parent.rpartition("/")[0]
        if not target.is_file() or target.read_bytes() != content:
            if target.is_dir():
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        mode = os.stat(os.path.join(workshop.project, path)).st_mode & 0o111
        if mode != target.stat().st_mode & 0o111:
            target.chmod(target.stat().st_mode & ~0o111 | mode)
    _remove_strangers(base, wanted, folders)


def _remove_strangers(base: Path, wanted: set[str], folders: set[str]) -> None:
    for folder, inside_folders, files in os.walk(base):
        relative = "" if Path(folder) == base else Path(folder).relative_to(base).as_posix()
        for name in list(inside_folders):
            if joined(relative, name) not in folders:
                shutil.rmtree(os.path.join(folder, name))
                inside_folders.remove(name)
        for name in files:
            if joined(relative, name) not in wanted and name != "Cargo.lock":
                os.remove(os.path.join(folder, name))
