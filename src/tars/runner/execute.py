"""One module of a run, from its source to outputs that stand in the project: built, started, checked, stored, moved in.

This is called in worker threads, one module in each. It reads the project and writes scratch folders and objects; the
project itself only when everything was checked, and the journal never.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event as Flag
from time import monotonic
from typing import Literal

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.errors import InputError, TarsError, UnavailableError
from tars.core.values import Diagnostic, Digest
from tars.lang.values import Module
from tars.runner.building.build import build
from tars.runner.building.expand import as_path
from tars.runner.building.unforeseen import with_unforeseen
from tars.runner.cells.limits import spared_bytes
from tars.runner.cells.spawn import CANCEL_SECONDS, run_cell
from tars.runner.claims import Claims
from tars.runner.delivery import deliver
from tars.runner.events import Event, ModuleOutput, ModuleRetry, ModuleStarted, Status
from tars.runner.files import Files
from tars.runner.inputs import Handover, hand_over, input_paths
from tars.runner.keys import key_of
from tars.runner.pins import original
from tars.runner.record import Reported, read_events
from tars.runner.sandbox import Sandbox
from tars.runner.toolchain import Toolchain
from tars.runner.values import BuildPlan, Built, Cell, Found, Guarantee, Limits, Outcome, Source, Stop
from tars.runner.view import EVENTS, View, Views
from tars.store import Leaf, Objects
from tars.store.shared import Shared

KEPT_BYTES_MAX = 16 * 1024 * 1024
"""How much of a module's stdout, and of its stderr, is kept; the rest is streamed, counted and dropped."""
PROCESSES_MAX = 1024
"""How many processes and threads a confined module may have at once."""
BACKOFF_SECONDS_MAX = 3600.0
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "PATHEXT", "COMSPEC", "WINDIR")
"""The variables of TARS's own environment that every agent sees; all others it sees only when they are declared."""


class Task(Prefab, frozen=True):
    """A module that is about to run, with all that was decided about it."""

    module: Module
    toolchain: Toolchain
    source: Source
    plan: BuildPlan
    found: Mapping[str, Found]
    sandbox: Sandbox
    sandbox_reasons: tuple[str, ...]
    grounds: Mapping[str, str]
    key: str
    build_key: str
    outputs: Mapping[str, tuple[str, ...]]
    """What the modules before it wrote, by address."""
    number: int
    why: str
    before: frozenset[str] = frozenset()
    """What earlier results of the module may have left in the project, besides single files that it declares."""

    def digest_of(self, path: str) -> Digest:
        """What a file that the module is made of held when it was planned."""
        name = original(path)
        return Digest(self.grounds.get(f"source {name}") or self.grounds[f"dependencies {name}"])

    def with_unforeseen(self, unforeseen: Mapping[str, Digest]) -> "Task":
        """The task with what its build read besides, instead of what an earlier build told of."""
        grounds = dict(self.grounds)
        for path in self.plan.unforeseen:
            del grounds[f"source {original(path)}"]
        grounds |= {f"source {original(path)}": digest for path, digest in unforeseen.items()}
        plan = with_unforeseen(self.plan, tuple(unforeseen))
        return replace(self, plan=plan, grounds=grounds, key=key_of(grounds))


class Place(Prefab, frozen=True):
    """Where a run takes place: `scratch` is this run's own folder, `output` the project's output folder."""

    project: Path
    scratch: Path
    cache: Path
    output: str
    run: str
    objects: Objects
    shared: Shared
    memory: str
    """The path of a JSON file with what the metascript itself says is known: beliefs and reflections."""
    env: Mapping[str, str]
    """The variables of TARS's own environment that every agent sees."""
    safe: set[str]
    """Folders for outputs that were found to lie in the project."""
    claims: Claims
    files: Files
    note: Callable[[str, Mapping[str, Leaf]], None]
    """Has the journal name, for the module of that address, files that are about to be replaced."""
    halting: Flag = attribute(default_factory=Flag)
    """Set where nothing more is to be begun, no further attempt either."""


class Underway(Prefab, frozen=True):
    """A module has been started and will report to the file `events`."""

    address: str
    events: str


class Done(Prefab):
    """What came of a task. `delivered` and `source` map project paths to stored contents."""

    task: Task
    status: Status
    error: str = ""
    hint: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    attempt: int = 1
    outcome: Outcome | None = None
    built: Built | None = None
    delivered: dict[str, Leaf] = attribute(default_factory=dict)
    source: dict[str, Leaf] = attribute(default_factory=dict)
    artifact: dict[str, Leaf] = attribute(default_factory=dict)
    trees: dict[str, Digest] = attribute(default_factory=dict)
    """Those of `source`, `artifact` and `outputs` in the store; an artifact that is not there has an empty digest."""
    undeclared: list[str] = attribute(default_factory=list)
    replaced: dict[str, Leaf] = attribute(default_factory=dict)
    """What stood in the places of its outputs and was not TARS's, as it is kept in the store."""
    reported: Reported = attribute(default_factory=Reported)
    seconds: float = 0.0
    ends_run: bool = False
    """Whether what executes modules has gone, so that nothing else needs to be tried."""


def passed_on() -> dict[str, str]:
    """What every agent sees of TARS's own environment."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


Emit = Callable[[Event | Underway], None]


def execute(task: Task, place: Place, views: Views, emit: Emit, cancel: Flag) -> Done:
    """Runs a module to its end. Never raises for what the module, the machine or the disk does."""
    began = monotonic()
    done = Done(task, Status.FAILED)
    try:
        _build(done, place, emit, cancel)
        if done.built is not None and done.built.refusal:
            raise UnavailableError(done.built.refusal)
        if done.built is not None and done.built.ok:
            _attempts(done, place, views, emit, cancel)
    except TarsError as error:
        done.status = Status.UNAVAILABLE if isinstance(error, UnavailableError) else Status.FAILED
        done.error, done.hint = error.message, error.hint
        if isinstance(error, InputError):
            done.diagnostics = error.diagnostics
    except OSError as error:
        done.status = Status.FAILED
        where = f": {error.filename}" if error.filename else ""
        done.error, done.hint = f"{error.strerror}{where}", "is the disk full, or a folder not writable?"
    if cancel.is_set() and done.status is not Status.SUCCEEDED:
        done.status, done.error = Status.CANCELLED, "cancelled"
    done.seconds = monotonic() - began
    return done


def _build(done: Done, place: Place, emit: Emit, cancel: Flag) -> None:
    task = done.task
    address = task.module.address
    if task.plan.environment is not None:
        emit(ModuleStarted(address, "prepare", why=task.why))
    if task.plan.steps or task.plan.checks:
        emit(ModuleStarted(address, "build", why=task.why))

    def watch(stream: Literal["stdout", "stderr"], data: bytes) -> None:
        emit(ModuleOutput(address, stream, data))

    done.built = build(
        task.source,
        task.plan,
        task.found,
        project=place.project,
        shared=place.shared,
        place=f"{place.cache}/build/{task.build_key}",
        digest_of=task.digest_of,
        watch=watch,
        cancel=cancel,
    )
    if done.built.unforeseen is not None:
        done.task = task.with_unforeseen(done.built.unforeseen)
    done.diagnostics = done.built.diagnostics
    if not done.built.ok:
        done.outcome = done.built.outcome
        done.error = f"the build failed: {_sentence(done.built.outcome)}" if done.built.outcome else "the build failed"
        done.hint = "" if done.diagnostics else "its messages are in `tarscli logs`"


def _attempts(done: Done, place: Place, views: Views, emit: Emit, cancel: Flag) -> None:
    module = done.task.module
    for attempt in range(1, module.retries + 2):
        done.attempt = attempt
        emit(ModuleStarted(module.address, "run", attempt, done.task.sandbox.name, done.task.why))
        _attempt(done, place, views, emit, cancel)
        if done.status is Status.SUCCEEDED or not may_retry(module, attempt, done.error, place, emit, cancel):
            return


def may_retry(module: Module, attempt: int, error: str, place: Place, emit: Emit, cancel: Flag) -> bool:
    """Whether there is to be another attempt, after the wait for it."""
    if attempt > module.retries or cancel.is_set() or place.halting.is_set():
        return False
    wait = min(module.backoff_seconds * 2 ** (attempt - 1), BACKOFF_SECONDS_MAX)
    emit(ModuleRetry(module.address, attempt, error, wait))
    until = monotonic() + wait
    while (left := until - monotonic()) > 0 and not place.halting.is_set() and not cancel.is_set():
        cancel.wait(min(left, CANCEL_SECONDS))
    return not place.halting.is_set() and not cancel.is_set()


def _attempt(done: Done, place: Place, views: Views, emit: Emit, cancel: Flag) -> None:
    """One start of the module's command; on success its outputs stand in the project when this returns."""
    task = done.task
    module = task.module
    needed = [path for paths in task.outputs.values() for path in paths]
    needed += input_paths(module.inputs, task.outputs)
    real = [*(path.rstrip("/") for path in module.outputs if not module.watch_outputs), f"{place.output}/."]
    own = () if module.outputs and not module.watch_outputs else task.before
    view = views.take(real, needed, own)
    emit(Underway(module.address, f"{view.folder}/{EVENTS}"))
    try:
        given = hand_over(module, place.project, view.folder, task.outputs)
        cell = _cell(done, place, view, given)
        address = module.address
        done.outcome = run_cell(
            task.sandbox,
            cell,
            stdin=given.stdin,
            watch=lambda stream, data: emit(ModuleOutput(address, stream, data)),
            cancel=cancel,
        )
        done.reported = read_events(f"{view.folder}/{EVENTS}")
        if not done.outcome.ok:
            done.status, done.error, done.hint = Status.FAILED, _sentence(done.outcome), ""
            done.diagnostics = task.toolchain.explain(done.outcome, task.source)
            return
        deliver(done, place, view)
    finally:
        left = views.give_back(view)
        done.undeclared = [path for path in left if not path.startswith(".tars-")]


_SYSTEMS_OWN = frozenset("bin boot dev etc lib lib32 lib64 libx32 proc run sbin sys tmp usr".split())  # noqa: SIM905


def _cell(done: Done, place: Place, view: View, given: Handover) -> Cell:
    task, built = done.task, done.built
    assert built is not None, "a module runs only after it was built"
    module = task.module
    reads = [*_parts(place.project), *built.reads, *(place.project / path for path in module.resources.files_read)]
    folder = as_path(view.folder)
    guarantees = task.sandbox.guarantees()
    env = dict(place.env)
    env["HOME"] = view.folder if guarantees else os.environ.get("HOME", view.folder)
    env |= built.env
    env |= _announced(module, place, view)
    env |= given.env
    env |= module.env
    return Cell(
        argv=(*built.command, *given.arguments),
        cwd=folder,
        env=env,
        limits=Limits(
            module.timeout_seconds,
            memory_bytes_max=module.resources.memory_bytes,
            processes_max=PROCESSES_MAX if Guarantee.PROCESSES in guarantees else None,
            cpus_max=module.resources.cpu,
            disk_bytes_min=spared_bytes(view.folder),
            output_bytes_max=KEPT_BYTES_MAX,
        ),
        reads=tuple(dict.fromkeys(reads)),
        writes=(folder, *(place.project / path for path in module.resources.files_write)),
        network=module.resources.network,
        gpus=module.resources.gpu,
        image=_image(module, place.project),
    )


def _parts(project: Path) -> list[Path]:
    """The project's folder; where that is the root of the file system, what is in it but for what every sandbox brings
    itself. The real `/proc` would show the secrets of all processes."""
    if str(project) != project.anchor:
        return [project]
    return [path for path in project.iterdir() if path.name not in _SYSTEMS_OWN]


def _image(module: Module, project: Path) -> str:
    """The image as its sandbox is told it: a digest as it is written, a folder as its absolute path."""
    image = module.resources.image
    if not image or "sha256:" in image:
        return image
    folder, root = os.path.realpath(project / image), os.path.realpath(project)
    if not os.path.isdir(folder) or not folder.startswith(root + os.sep):
        raise UnavailableError(
            f"{module.address}: the image {image} is no folder of the project",
            hint="let `image` name a folder that holds a root file system, or an image by its digest",
        )
    return folder


def _announced(module: Module, place: Place, view: View) -> dict[str, str]:
    """What every agent finds in its environment (with `TARS_INPUT`, which `hand_over` sets)."""
    outputs = [] if module.watch_outputs else [f"{view.folder}/{path.rstrip('/')}" for path in module.outputs]
    env = {
        "TARS_MODULE": module.address,
        "TARS_RUN": place.run,
        "TARS_EVENTS": f"{view.folder}/{EVENTS}",
        "TARS_MEMORY": place.memory,
        "TARS_OUTPUTS": json.dumps(outputs),
    }
    if outputs:
        env["TARS_OUTPUT"] = outputs[0]
    return env


def _sentence(outcome: Outcome) -> str:
    """Why a command did not succeed, in words."""
    match outcome.stop:
        case Stop.EXIT:
            return f"{outcome.detail} (exit code {outcome.code})" if outcome.detail else f"exit code {outcome.code}"
        case Stop.TIMEOUT | Stop.DISK | Stop.MEMORY | Stop.SIGNAL:
            return outcome.detail
        case Stop.CANCELLED:
            return "cancelled"
        case Stop.NOT_STARTED:
            return f"it could not be started: {outcome.detail}"
