"""The sandbox seam: where a command runs. A sandbox rewrites a command; it starts nothing itself."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol, cast

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import UnavailableError, UsageError
from tars.core.plugins import Seam
from tars.core.values import Readiness
from tars.lang.values import Resources
from tars.runner.values import Cell, Guarantee, Launch, Outcome, Watch


class Policy(Prefab, frozen=True):
    """What a module asks of its sandbox: its `resources`, and what kind of program it is."""

    resources: Resources = attribute(default_factory=Resources)
    wasm: bool = False
    """Its command is TARS's own host with a WebAssembly module."""
    script: bool = False
    """Its command runs one Python file, which needs no other file and no package."""


class Sandbox(Protocol):
    @property
    def name(self) -> str: ...
    def readiness(self) -> Readiness:
        """Whether it works on this machine, found by running something in it; `detail` names the mechanism."""
        ...

    def guarantees(self) -> frozenset[Guarantee]:
        """Exactly what it withstands on this machine; the conformance suite attacks each, claimed or not."""
        ...

    def lacks(self, policy: Policy) -> str:
        """What of the policy it cannot hold on this machine, in words; empty where it holds all of it."""
        ...

    def launch(self, cell: Cell) -> Launch:
        """The cell as it is to be started. Only for a sandbox that is ready."""
        ...


class Host(Protocol):
    """A sandbox that also runs cells itself, in processes that it keeps: no process is started for each."""

    def run(
        self, cell: Cell, stdin: bytes | Path | None, watch: Watch | None, cancel: threading.Event | None
    ) -> Outcome:
        """As `run_cell`. Never raises for what the command does; what the watcher raises goes on."""
        ...


def host_of(sandbox: Sandbox) -> Host | None:
    """The sandbox as one that runs cells itself, or None where they are started for it."""
    return cast(Host, sandbox) if hasattr(sandbox, "run") else None


SANDBOXES: Final[Seam[Sandbox]] = Seam("sandbox", "tars.runner.sandboxes", "tars.sandboxes")

CPUS_MIN: Final = 0.01
"""What Linux lets a control group have at least."""
DEFAULT_CHAIN: Final = ("process", "none")


def choose(chain: Sequence[str], policy: Policy = Policy()) -> tuple[Sandbox, tuple[str, ...]]:
    """The first sandbox of the chain that works here and can hold the policy, and why each earlier one was not
    taken, a sentence each.

    Raises `UnavailableError` when none can be had, `UsageError` for a name that nobody knows. A chain that ends in
    `none` says that the module may run unconfined; any other chain refuses to run it so.
    """
    chain = tuple(chain) or DEFAULT_CHAIN
    check_names(chain)
    refusals: list[str] = []
    hints: list[str] = []
    for name in chain:
        try:
            sandbox = SANDBOXES.load(name)
        except (ImportError, UsageError) as error:
            refusals.append(f"{name}: it cannot be loaded ({error})")
            continue
        lacks = sandbox.lacks(policy)
        if lacks:  # asked first, because finding out whether a sandbox works may take seconds
            refusals.append(f"{name}: {lacks}")
            continue
        readiness = sandbox.readiness()
        if readiness.ready:
            return sandbox, tuple(refusals)
        refusals.append(f"{name}: {readiness.detail}")
        hints.append(readiness.hint)
    hint = next((hint for hint in hints if hint), "")
    held_by_none = "none" not in chain and not SANDBOXES.load("none").lacks(policy)
    allow = (
        'put "none" at the end of `sandbox` to run it unconfined'
        if held_by_none
        else "leave out of `resources` what cannot be had"
    )
    raise UnavailableError(
        f"no sandbox of {', '.join(chain)} can be had here: {'; '.join(refusals)}",
        hint=f"{hint}; or {allow}" if hint else allow,
    )


def check_names(chain: Sequence[str]) -> None:
    """Raises `UsageError` with the nearest known name for a name of the chain that nobody knows."""
    for name in chain:
        if name not in SANDBOXES:
            SANDBOXES.load(name)


def lacks_of_machine(resources: Resources) -> str:
    """What of the resources cannot be held or had on this machine for a command that is started on it."""
    from tars.runner.cells.gpus import devices  # noqa: PLC0415  (needed only where a limit is asked for)
    from tars.runner.cells.limits import can_limit, can_limit_cpus  # noqa: PLC0415  (as above)

    if resources.memory_bytes is not None and not can_limit():
        return "the memory limit cannot be held on this system"
    if share := lacks_of_share(resources):
        return share
    if resources.cpu is not None and not can_limit_cpus():
        return "a share of the processors (`cpu`) needs a control group, which this user cannot make here"
    if resources.gpu and len(devices()) < resources.gpu:
        return f"this machine has {len(devices())} graphics processors, and `gpu` asks for {resources.gpu}"
    return ""


def lacks_of_share(resources: Resources) -> str:
    """What is wrong with the share of the processors that is asked for, on any machine."""
    if resources.cpu is None or resources.cpu >= CPUS_MIN:
        return ""
    return f"the least share of the processors that can be held is {CPUS_MIN}, and `cpu` asks for {resources.cpu:g}"
