"""The toolchain seam: how modules of one language are built and started. A toolchain plans; it never runs anything."""

from typing import Final, Protocol

from tars.core.plugins import Seam
from tars.core.values import Diagnostic
from tars.runner.values import BuildPlan, Found, Outcome, Source, Tool


class Toolchain(Protocol):
    """One language. Pure: everything it knows of the machine is handed to it."""

    @property
    def name(self) -> str: ...
    @property
    def suffixes(self) -> tuple[str, ...]: ...
    def tools(self, source: Source) -> tuple[Tool, ...]:
        """The programs that building and running this module need; the runner detects them."""
        ...

    def sample(self) -> tuple[str, bytes]:
        """File name and content of the smallest module that copies its stdin to its stdout."""
        ...

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        """How to build and start the module. Raises `InputError` where the source makes that impossible."""
        ...

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        """What the language's own messages in a failed step's output say, as diagnostics with places in the source."""
        ...


TOOLCHAINS: Final[Seam[Toolchain]] = Seam("toolchain", "tars.runner.toolchains", "tars.toolchains")
