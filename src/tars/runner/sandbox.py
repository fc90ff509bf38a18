"""The sandbox seam: where a command runs. A sandbox rewrites a command; it starts nothing itself."""

from collections.abc import Sequence
from typing import Final, Protocol

from tars.core.errors import UnavailableError, UsageError
from tars.core.plugins import Seam
from tars.core.values import Readiness
from tars.lang.values import Resources
from tars.runner.values import Cell, Guarantee, Launch


class Sandbox(Protocol):
    @property
    def name(self) -> str: ...
    def readiness(self) -> Readiness:
        """Whether it works on this machine, found by running something in it; `detail` names the mechanism."""
        ...

    def guarantees(self) -> frozenset[Guarantee]:
        """Exactly what it withstands on this machine; the conformance suite attacks each, claimed or not."""
        ...

    def launch(self, cell: Cell) -> Launch:
        """The cell as it is to be started. Only for a sandbox that is ready."""
        ...


SANDBOXES: Final[Seam[Sandbox]] = Seam("sandbox", "tars.runner.sandboxes", "tars.sandboxes")

DEFAULT_CHAIN: Final = ("process", "none")
LATER: Final = frozenset({"wasm", "container", "hyperlight"})
"""Names that the language knows and for which this version has no plug-in; one from another package is used."""


def choose(chain: Sequence[str], need: Resources = Resources()) -> tuple[Sandbox, tuple[str, ...]]:  # noqa: B008
    """The first sandbox of the chain that works here and can hold what is needed, and why each earlier one was not
    taken, a sentence each.

    Raises `UnavailableError` when none can be had, `UsageError` for a name that nobody knows. A chain that ends in
    `none` says that the module may run unconfined; any other chain refuses to run it so.
    """
    chain = tuple(chain) or DEFAULT_CHAIN
    for name in chain:
        if name not in LATER and name not in SANDBOXES:
            SANDBOXES.load(name)
    refusals: list[str] = []
    hints: list[str] = []
    for name in chain:
        if name in LATER and name not in SANDBOXES:
            refusals.append(f"{name}: not available in this version")
            continue
        try:
            sandbox = SANDBOXES.load(name)
        except (ImportError, UsageError) as error:
            refusals.append(f"{name}: it cannot be loaded ({error})")
            continue
        readiness = sandbox.readiness()
        if not readiness.ready:
            refusals.append(f"{name}: {readiness.detail}")
            hints.append(readiness.hint)
            continue
        lacks = _lacks(need)
        if lacks:
            refusals.append(f"{name}: {lacks}")
            continue
        return sandbox, tuple(refusals)
    hint = next((hint for hint in hints if hint), "")
    allow = 'put "none" at the end of `sandbox` to run it unconfined' if "none" not in chain else "leave the limit out"
    raise UnavailableError(
        f"no sandbox of {', '.join(chain)} can be had here: {'; '.join(refusals)}",
        hint=f"{hint}; or {allow}" if hint else allow,
    )


def _lacks(need: Resources) -> str:
    """What of the needed limits cannot be held on this machine, whichever sandbox is used."""
    from tars.runner.cells.limits import can_limit  # noqa: PLC0415  (needed only where a limit is asked for)

    if need.memory_bytes is not None and not can_limit():
        return "the memory limit cannot be held on this system"
    return ""
