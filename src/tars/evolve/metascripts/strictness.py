"""How strict sandboxes are on this machine, and whether a chain of them promises no less than another one."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from tars.core.errors import UsageError
from tars.runner.building.tools import detect
from tars.runner.sandbox import DEFAULT_CHAIN, SANDBOXES
from tars.runner.toolchains._javascript import RUNTIMES
from tars.runner.values import Guarantee

OWN_KERNEL: Final = frozenset({"hyperlight"})
"""What these hold back besides what guarantees say."""
_KERNEL: Final = "kernel"


@cache
def promised(name: str) -> frozenset[str] | None:
    """What the sandbox withstands on this machine; None where it does not work here, or nobody knows it."""
    try:
        sandbox = SANDBOXES.load(name)
    except (ImportError, UsageError):
        return None
    if not sandbox.readiness().ready:
        return None
    return frozenset(sandbox.guarantees()) | ({_KERNEL} if name in OWN_KERNEL else frozenset())


def as_strict(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether each sandbox of the new chain works here, and promises all that any sandbox of the chain before does. One
    that does not work here counts with all that it may promise elsewhere."""
    wanted: frozenset[str] = frozenset()
    for name in before or DEFAULT_CHAIN:
        held = promised(name)
        wanted |= _elsewhere(name) if held is None else held
    found = [promised(name) for name in after]
    return bool(found) and all(one is not None and wanted <= one for one in found)


def taken(chain: Sequence[str]) -> str:
    """The sandbox of the chain that a module without wishes of its own gets here; empty where none works."""
    return next((name for name in chain or DEFAULT_CHAIN if promised(name) is not None), "")


@cache
def runtimes() -> tuple[str, ...]:
    """Those of JavaScript and TypeScript that this machine has."""
    return tuple(name for name, tool in RUNTIMES.items() if detect(tool, Path.cwd()) is not None)


def _elsewhere(name: str) -> frozenset[str]:
    """What a sandbox that does not work here may promise; for a name that nobody knows, what the first choice does."""
    own = {_KERNEL} if name in OWN_KERNEL else set()
    usual = promised(DEFAULT_CHAIN[0]) if name not in SANDBOXES else None
    return frozenset({*Guarantee, *own}) if usual is None else usual
