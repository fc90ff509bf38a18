"""What travels between TARS and a worker elsewhere: a module with the contents it needs, and what came of it."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Diagnostic, Json
from tars.lang.values import Module
from tars.runner.events import Event, Status
from tars.runner.execute import Place, Task
from tars.runner.inputs import input_paths
from tars.runner.record import Reported
from tars.runner.values import Outcome
from tars.store import Leaf

PIECE_BYTES: Final = 32 * 1024 * 1024
INLINE_BYTES_MAX: Final = 64 * 1024
"""Contents up to this size travel with the parcel; larger ones are sent once to a machine, whoever needs them."""
BUILD: Final = "build/"
"""What the name of a content begins with that is a file of a build; all others are digests."""
_GROUNDS: Final = ("input ", "granted file ", "output schema ")


class Carried(Prefab, frozen=True):
    """A file's content as it travels: pieces that are bytes, or what `send` made of them."""

    executable: bool
    pieces: tuple[Any, ...]


class Parcel(Prefab, frozen=True):
    """A module that is to run elsewhere. `files` are the project's, by path; `built` the files of its build, where it
    was built before, with what the cache of builds says of them in `built_meta`. `folders` are those of the inputs:
    an empty one is no file."""

    tars: str
    run: str
    module: Module
    outputs: Mapping[str, tuple[str, ...]]
    number: int
    why: str
    sandbox: str
    output: str
    grounds: Mapping[str, str]
    build_key: str
    files: Mapping[str, Carried]
    folders: tuple[str, ...]
    memory: bytes
    unforeseen: tuple[str, ...] = ()
    """Those of `files` that only an earlier build told of."""
    built: Mapping[str, Carried] = attribute(default_factory=dict)
    built_meta: Mapping[str, Json] = attribute(default_factory=dict)


class Content(Prefab, frozen=True):
    """The next piece of the file that is to be stored under `name`: a digest, or `build/` and a path."""

    name: str
    data: bytes
    executable: bool = False


class Came(Prefab, frozen=True):
    """What came of a parcel; the contents that it speaks of were sent before it. `artifact_path` is below the build's
    folder; `built` tells whether the build succeeded, `built_here` whether it was made there and is sent."""

    status: Status
    error: str = ""
    hint: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    attempt: int = 1
    outcome: Outcome | None = None
    outcome_is_of_build: bool = False
    built: bool = False
    build_seconds: float = 0.0
    build_meta: Mapping[str, Json] | None = None
    artifact_path: str = ""
    delivered: Mapping[str, Leaf] = attribute(default_factory=dict)
    artifact: Mapping[str, Leaf] = attribute(default_factory=dict)
    undeclared: tuple[str, ...] = ()
    reported: Reported = attribute(default_factory=Reported)
    seconds: float = 0.0


News = Sequence["Event | Content | Came"]
"""What a worker says at once."""


def pack(task: Task, place: Place, version: str, send: Callable[[str, bytes], Any]) -> Parcel:
    """The parcel of a task. `send(name, data)` makes what stands for a piece that is too large to travel along.

    Raises `OSError` where a file of the project is gone meanwhile.
    """
    module, environment = task.module, task.plan.environment
    paths = {*task.plan.reads, *(environment.reads if environment else ())}
    for name, ground in task.grounds.items():
        for kind in _GROUNDS:
            if name.startswith(kind) and not ground.startswith("link to "):
                paths.add(name.removeprefix(kind))
    inputs = input_paths(module.inputs, task.outputs)
    walked = (folder for path in inputs for folder, _, _ in os.walk(place.project / path))
    folders = [os.path.relpath(folder, place.project) for folder in walked]
    held = place.shared.get(task.build_key) if task.plan.steps or task.plan.files else None
    built = {path: _carried(held.folder / "files" / path, send) for path in held.tree} if held else {}
    return Parcel(
        tars=version, run=place.run, module=module, outputs=dict(task.outputs), number=task.number, why=task.why,
        sandbox=task.sandbox.name, output=place.output, grounds=dict(task.grounds), build_key=task.build_key,
        files={path: _carried(place.project / path, send) for path in sorted(paths) if _is_here(place.project, path)},
        folders=tuple(folders), memory=Path(place.memory).read_bytes(),
        unforeseen=task.plan.unforeseen, built=built,
        built_meta=dict(held.meta) if held else {},
    )  # fmt: skip


def _is_here(project: Path, path: str) -> bool:
    """Whether it is a file of the project; what a metascript reads elsewhere has to be on the worker already."""
    return not os.path.isabs(path) and ".." not in Path(path).parts and (project / path).is_file()


def unpack(carried: Mapping[str, Carried], folder: Path, fetch: Callable[[Any], bytes]) -> dict[str, Path]:
    """Writes the files below the folder; where each is, by its path in it."""
    written = {}
    for path, content in carried.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "wb") as file:
            for piece in content.pieces:
                file.write(piece if isinstance(piece, bytes) else fetch(piece))
        os.chmod(target, 0o755 if content.executable else 0o644)
        written[path] = target
    return written


def contents(name: str, path: Path) -> Iterator[Content]:
    """A file in pieces; an empty one is one empty piece."""
    with open(path, "rb") as file:
        executable = bool(os.fstat(file.fileno()).st_mode & 0o100)
        data = file.read(PIECE_BYTES)
        yield Content(name, data, executable)
        while data := file.read(PIECE_BYTES):
            yield Content(name, data, executable)


def _carried(path: Path, send: Callable[[str, bytes], Any]) -> Carried:
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        executable = bool(status.st_mode & 0o100)
        if status.st_size <= INLINE_BYTES_MAX:
            return Carried(executable, (file.read(),))
        name = f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
        pieces: list[Any] = []
        while data := file.read(PIECE_BYTES):
            pieces.append(send(f"{name} {len(pieces)}", data))
        return Carried(executable, tuple(pieces))
