"""What mended the same mistake in this project before."""

from collections.abc import Iterator

from tars.rust.learning.memory import fitting
from tars.rust.learning.patterns import fitted, shape_of
from tars.rust.mending.context import Workbench
from tars.rust.mending.proposer import Proposer
from tars.rust.values import Patch, RustDiagnostic

_SAME, _ALIKE, _OTHER = 0.97, 0.92, 0.6
"""How sure a remembered mend is where the diagnostic says the same, says it of other names, and says something else."""


class Memory:
    """Each remembered pattern that fits, as a patch; nothing without a project's store."""

    name = "memory"
    stage = 0

    def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
        store = bench.resources.store
        if store is None:
            return
        found = []
        for one in fitting(store, diagnostic):
            fit = fitted(one.pattern, diagnostic, bench.files)
            if fit is not None:
                alike = one.pattern.shape == shape_of(diagnostic.message)
                likeness = _OTHER if not alike else _SAME if fit.words == one.pattern.words else _ALIKE
                reason = f"this mended the same mistake in episode {one.episodes[0][:8]}"
                found.append(Patch(fit.changes, reason, likeness * one.weight, "memory"))
        yield from sorted(found, key=lambda patch: -patch.confidence)


PLUGIN: Proposer = Memory()
