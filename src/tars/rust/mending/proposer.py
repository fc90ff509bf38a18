"""The proposer seam: who suggests mends. A proposer looks and suggests; it applies, runs and writes nothing."""

from collections.abc import Iterator
from typing import Final, Protocol

from tars.core.plugins import Seam
from tars.rust.mending.context import Workbench
from tars.rust.values import Patch, RustDiagnostic


class Proposer(Protocol):
    """A file `proposers/<name>.py` holding `PLUGIN`. The search asks it about every state of the files that it expands,
    so what it hears of a proposal is the next state's diagnostics, and `bench.resources` what was learnt before."""

    @property
    def name(self) -> str: ...
    @property
    def stage(self) -> int:
        """0: cheap, asked at once about every state; 1 and above: asked where nothing of the stages below is left."""
        ...

    def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
        """Patches for this diagnostic, relative to `bench.files`, the best first; nothing where it has none. Must be
        deterministic for `bench.resources.seed`, and must fill in `Patch.producer`."""
        ...


RUST_PROPOSERS: Final[Seam[Proposer]] = Seam("Rust proposer", "tars.rust.proposers", "tars.rust.proposers")
