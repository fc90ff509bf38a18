"""The cells of candidates: a Python server for warm and fresh ones, and a driver for node."""

import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.errors import UnavailableError
from tars.evolve.jail import server
from tars.evolve.jail.stage import Stage, stage_of
from tars.evolve.jail.values import PROCESSES, Answered, Job, Tree
from tars.runner.building.tools import detect
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES, Sandbox
from tars.runner.toolchains._tools import ESBUILD
from tars.runner.values import Cell, Limits, Outcome, Stop, Tool

CHAIN: Final = ("process",)
"""Candidates never run unconfined."""
_SERVER: Final = Path(server.__file__)
_NODE: Final = Path(__file__).with_name("driver.mjs")
START_SECONDS: Final = 20.0
SPARE_BYTES: Final = 256 << 20


class Room(Prefab, frozen=True):
    """What every candidate of a session may use: folders that it may import from, libraries that the warm worker loads
    once, and what a source of several files stands on. `language` is `python`, `javascript` or `typescript`."""

    language: str = "python"
    reads: tuple[Path, ...] = ()
    preload: tuple[str, ...] = ()
    tree: Tree | None = None


def confined() -> Sandbox:
    """The sandbox of candidates. Raises `UnavailableError` where none can be had: then nothing is evolved."""
    sandbox = SANDBOXES.load(CHAIN[0])
    readiness = sandbox.readiness()
    if not readiness.ready:
        raise UnavailableError(
            f"candidates run only in a sandbox, and none can be had here: {readiness.detail}", hint=readiness.hint
        )
    return sandbox


def python_cell(room: Room, folder: Path, limits: Limits, stage: Stage | None = None) -> Cell:
    """The server, in `folder`, which is empty and all that it may write to."""
    program = os.path.realpath(getattr(sys, "_base_executable", sys.executable) or sys.executable)
    packages = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    settings = {"paths": [*packages, *map(str, room.reads)], "preload": list(room.preload)}
    argv = (program, "-I", "-S", "-B", str(_SERVER), json.dumps(settings))
    standard = {
        sys.base_prefix,
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
        str(Path(program).parent),
    }
    granted = {Path(each) for each in (*standard, *packages)} | {_SERVER, *room.reads, *_folders(stage)}
    reads = tuple(sorted(path for path in granted if str(path) not in ("/", "/usr")))
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8",
           **{f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}}  # fmt: skip
    return Cell(argv, folder, env, limits, reads=reads, writes=(folder,))


def node_cell(folder: Path, limits: Limits, stage: Stage | None = None) -> Cell:
    """The node driver. Raises `UnavailableError` where there is no node."""
    found = detect(Tool("node", (20,)), folder)
    if found is None:
        raise UnavailableError("node 20 or newer is needed for this target", hint="install it: `apt install nodejs`")
    program = os.path.realpath(found.path)
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "NODE_NO_WARNINGS": "1"}
    reads = (_NODE, Path(program).parent.parent, *_folders(stage))
    return Cell((program, str(_NODE)), folder, env, limits, reads=reads, writes=(folder,))


def esbuild_cell(folder: Path, stage: Stage | None = None) -> Cell:
    """esbuild, which takes the types out of what comes on stdin, or makes one text of a stage's files. Raises
    `UnavailableError` where there is none."""
    found = detect(ESBUILD, folder)
    if found is None:
        raise UnavailableError("esbuild is needed for targets in TypeScript", hint="npm install --save-dev esbuild")
    program = os.path.realpath(found.path)
    what = ("--loader=ts",) if stage is None else (stage.request["start"], "--bundle", "--platform=node")
    argv = (program, *what, "--format=esm", "--log-level=error", "--color=false")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    reads = (Path(program), *_folders(stage))
    return Cell(argv, folder, env, Limits(START_SECONDS), reads=reads, writes=(folder,))


def _folders(stage: Stage | None) -> tuple[Path, ...]:
    return () if stage is None else (stage.folder,)


def limits_of(job: Job) -> Limits:
    """Of a cell that runs one job: time to start, and the room that an interpreter takes itself."""
    return Limits(
        job.seconds_max + START_SECONDS, memory_bytes_max=job.memory_bytes_max + SPARE_BYTES, processes_max=PROCESSES,
        output_bytes_max=job.answer_bytes_max + 65536,
    )  # fmt: skip


def request_of(job: Job, number: int, stage: Stage | None = None) -> bytes:
    """The job as a line for the server or the driver; its files are put on the stage."""
    asked = {
        "id": number, "source": job.source, "entry": job.entry, "calls": [list(each) for each in job.calls],
        "seed": job.seed, "seconds": job.seconds_max, "memory": job.memory_bytes_max, "bytes": job.answer_bytes_max,
        "stays": job.stays,
    }  # fmt: skip
    if stage is not None and job.files:
        stage.put(job.files)
        asked |= stage.request
    return json.dumps(asked).encode() + b"\n"


def read_answer(line: bytes, number: int) -> Answered | None:
    """The answer in a line, or None where it is none to request `number`."""
    try:
        found: Any = json.loads(line)
        if not isinstance(found, dict) or found.get("id") != number:
            return None
        if "answers" in found:
            return Answered(tuple(found["answers"]), float(found["seconds"]))
        return Answered((), float(found["seconds"]), str(found["fault"]), str(found["text"]))
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


class Fresh:
    """A cell of its own for each job."""

    def __init__(self, room: Room, folder: Path) -> None:
        self.room = room
        self.folder = folder
        self.sandbox = confined()
        self.stage = stage_of(room.tree, folder)

    def run(self, job: Job) -> Answered:
        limits = limits_of(job)
        is_python = self.room.language == "python"
        if self.room.language == "typescript":
            if self.stage is not None:
                self.stage.put(job.files)
            cell = esbuild_cell(self.folder, self.stage)
            untyped = run_cell(self.sandbox, cell, stdin=job.source.encode(), grace_seconds=0.0)
            if not untyped.ok:
                return Answered((), untyped.seconds, "error", untyped.stderr.decode("utf-8", "replace")[:400])
            job = replace(job, source=untyped.stdout.decode(), files={})
        make = partial(python_cell, self.room) if is_python else node_cell
        cell = make(self.folder, limits, self.stage)
        outcome = run_cell(self.sandbox, cell, stdin=request_of(job, 1, self.stage), grace_seconds=0.0)
        found = _last(outcome.stdout.splitlines(), 1)
        emptied(self.folder)
        return found or outcome_as_answer(outcome)

    def close(self) -> None:
        """Nothing is left open."""


def _last(lines: Sequence[bytes], number: int) -> Answered | None:
    return next((found for line in reversed(lines) if (found := read_answer(line, number)) is not None), None)


def outcome_as_answer(outcome: Outcome) -> Answered:
    if outcome.stop is Stop.NOT_STARTED:
        raise UnavailableError(f"a candidate's cell cannot be started: {outcome.detail}", hint="see `tarscli doctor`")
    kinds = {Stop.TIMEOUT: "timeout", Stop.MEMORY: "memory"}
    return Answered((), outcome.seconds, kinds.get(outcome.stop, "exit"), outcome.detail)


def emptied(folder: Path) -> None:
    """Removes what a candidate left, so that the next one finds nothing of it."""
    import shutil  # slow to import, and most candidates write nothing  # noqa: PLC0415

    for path in _entries(folder):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _entries(folder: Path) -> Iterable[Path]:
    return list(folder.iterdir())
