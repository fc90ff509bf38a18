"""What a run tells whoever watches it, as it happens: all that the command line, `--json` and the web page read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Diagnostic, Json
from tars.lang.values import Declaration


class Status(StrEnum):
    """How a module ended in a run."""

    SUCCEEDED = "succeeded"
    CACHED = "cached"
    """Nothing that it rests on has changed: its outputs stand, or were restored from the store."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Something that it needs did not succeed, or the run ended first."""
    UNAVAILABLE = "unavailable"
    """Its toolchain or sandbox is missing on this machine."""
    CANCELLED = "cancelled"


def gravest(ended: Iterable[Status], *, cancelled: bool) -> Status:
    """How a run ended whose modules `ended` so."""
    found = set(ended)
    if cancelled and found & {Status.CANCELLED, Status.SKIPPED}:
        return Status.CANCELLED
    for status in (Status.FAILED, Status.UNAVAILABLE, Status.SKIPPED):
        if status in found:
            return status
    return Status.SUCCEEDED


class Options(Prefab, frozen=True):
    """What is asked of a run. `only` and `start_from` hold module names or addresses."""

    path: Path
    project: Path
    only: tuple[str, ...] = ()
    with_needs: bool = True
    """Whether what the modules of `only` need runs as well; without, their stored outputs are used."""
    start_from: tuple[str, ...] = ()
    variables: Mapping[str, str] = attribute(default_factory=dict)
    jobs: int = 0
    keep_going: bool = False
    force: bool = False
    resume: bool = False
    sandbox: tuple[str, ...] = ()
    """Overrides the metascript's choice where not empty."""
    among: tuple[str, ...] = ()
    """Where not empty, a chain is what of it is among these, in its own order; where nothing is, the first of these."""
    verify: bool = False
    """Read every file again instead of trusting its size and times."""
    engine: str = "local"
    """Where modules are executed: by threads of this process, or by a plug-in of that name."""
    believed: Callable[[Declaration], Sequence[Mapping[str, Json]]] | None = None
    """The beliefs of the project's memory that a `belief_graph` includes; without it there are none."""
    recall: Callable[[str, int], Sequence[Mapping[str, Any]]] | None = None
    """Asks the project's memory, for `recall("…", 5)` in a metascript; without it that is empty."""


class Planned(Prefab, frozen=True):
    """One module in a plan: would it run, and the one sentence on why, or why not."""

    address: str
    language: str
    action: Literal["run", "restore", "cached", "unavailable"]
    why: str
    needs: tuple[str, ...]


class RunStarted(Prefab, frozen=True):
    run: str
    modules: tuple[str, ...]
    jobs: int


class Notice(Prefab, frozen=True):
    """Something that the user should know once, such as that a sandbox cannot be had on this machine."""

    message: str
    hint: str = ""


class Findings(Prefab, frozen=True):
    """Warnings and notes on the metascript, which runs all the same; `texts` maps its files' paths to their texts."""

    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


class ModuleStarted(Prefab, frozen=True):
    address: str
    phase: Literal["prepare", "build", "run"]
    attempt: int = 1
    sandbox: str = ""
    why: str = ""


class ModuleOutput(Prefab, frozen=True):
    """Some bytes that the module wrote; not split at lines."""

    address: str
    stream: Literal["stdout", "stderr"]
    data: bytes


class ModuleProgress(Prefab, frozen=True):
    """A number in [0, 1] that the agent reported."""

    address: str
    fraction: float


class ModuleRetry(Prefab, frozen=True):
    """`attempt` is the one that failed, counted from 1; the next one starts after `wait_seconds`."""

    address: str
    attempt: int
    error: str
    wait_seconds: float


class ModuleFinished(Prefab, frozen=True):
    """`record` is the run record of the specification where the module was started, else None."""

    address: str
    status: Status
    seconds: float = 0.0
    error: str = ""
    hint: str = ""
    why: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    record: Mapping[str, Json] | None = None


class RunFinished(Prefab, frozen=True):
    """`version` is the number that the run made, or None where it changed nothing. `outputs` are the values of the
    metascript's `output` blocks, those that rest on modules that did not succeed left out."""

    run: str
    status: Status
    counts: Mapping[str, int]
    seconds: float
    version: int | None = None
    outputs: Mapping[str, Json] = attribute(default_factory=dict)


Event: TypeAlias = (
    RunStarted | Notice | Findings
    | ModuleStarted | ModuleOutput | ModuleProgress | ModuleRetry | ModuleFinished
    | RunFinished
)  # fmt: skip
