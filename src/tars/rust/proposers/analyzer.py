"""What rust-analyzer offers as quick fixes where a diagnostic points; nothing where no session was opened."""

from collections.abc import Iterator

from tars.core.errors import TarsError
from tars.episode.budget import OverBudgetError
from tars.rust.mending.context import Assist, Assists, Workbench
from tars.rust.mending.proposer import Proposer
from tars.rust.values import Kind, Patch, Place, RustDiagnostic

_SURE = {"quickfix": 0.5, "refactor.rewrite": 0.1}
"""How likely an offer of each kind mends the diagnostic; those of other kinds change what works."""
_HOLES = ("todo!(", "unimplemented!(")
_PLACES_MAX = 3


class Analyzer:
    name = "analyzer"
    stage = 1

    def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
        assists = bench.resources.assists
        if assists is None:
            return
        seen: set[object] = set()
        for number, place in enumerate(_places(diagnostic, bench)):
            for one in _offered(assists, bench, place):
                if diagnostic.kind is Kind.LINT and one.kind != "quickfix":
                    # To write it so that the linter does not know it again mends nothing.
                    continue
                if one.kind in _SURE and one.changes not in seen and not _is_hollow(one):
                    seen.add(one.changes)
                    reason = f"rust-analyzer offers: {one.title[:1].lower()}{one.title[1:]}"
                    yield Patch(one.changes, reason, _SURE[one.kind] / (number + 1), "analyzer")


def _offered(assists: Assists, bench: Workbench, place: Place) -> list[Assist]:
    """The server's offers, the likeliest kind first; none where it fails, which hinders nobody else."""
    try:
        return sorted(assists(bench.files, place), key=lambda one: -_SURE.get(one.kind, 0))
    except OverBudgetError:
        raise
    except TarsError:
        return []


def _places(diagnostic: RustDiagnostic, bench: Workbench) -> list[Place]:
    """Where to ask: at the first place that the diagnostic is about, then where else it points."""
    ordered = sorted(diagnostic.all_labels(), key=lambda label: not label.primary)
    places = dict.fromkeys(label.place for label in ordered if label.place.path in bench.files)
    return list(places)[:_PLACES_MAX]


def _is_hollow(assist: Assist) -> bool:
    """Whether it only leaves a hole for a person to fill."""
    return any(hole in change.text for change in assist.changes for hole in _HOLES)


PLUGIN: Proposer = Analyzer()
