"""What a patch tree search is given, and the values of its tree: states that were checked, and candidates."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from ducktools.classbuilder.prefab import Prefab

from tars.rust.mending.context import NOTHING, Resources
from tars.rust.mending.proposer import Proposer
from tars.rust.mending.ranking import Success
from tars.rust.mending.rule import Symbols
from tars.rust.syntax.edits import Hunk, trimmed
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Checked, Kind, Patch, RustDiagnostic


class Plan(Prefab, frozen=True):
    """What a search may do, and with what. `kinds` are those of the diagnostics that are to be mended, `lints` whether
    warnings are too, `allow` the guards that are lifted."""

    proposers: Sequence[Proposer]
    gather: Callable[[Mapping[str, SourceFile], str], Symbols]
    edition: str = "2021"
    kinds: frozenset[Kind] = frozenset(Kind)
    lints: bool = False
    allow: frozenset[str] = frozenset()
    success: Success = lambda producer, code: 1.0
    resources: Resources = NOTHING

    def targets(self, checked: Checked) -> list[RustDiagnostic]:
        """The diagnostics that are in the way, in the compiler's order."""
        levels = ("error", "warning") if self.lints else ("error",)
        return [one for one in checked.diagnostics if one.level in levels]

    def goal(self, checked: Checked) -> bool:
        return checked.ok and not self.targets(checked)

    def left_after(self, candidate: "Candidate") -> tuple[int, int, float]:
        """How many errors a candidate should leave, if each of its moves mends one, and then how long the way to it is:
        the smallest is the most hopeful."""
        moves = len(candidate.moves)
        errors = len(self.targets(candidate.parent.checked)) - moves
        return errors, len(candidate.parent.moves) + moves, candidate.cost

    def told(self, targets: Sequence[RustDiagnostic]) -> str:
        """How many of each class are to be mended, and who is asked for mends, in which order; empty where nothing
        is."""
        kinds = Counter(one.kind.value for one in targets if one.kind in self.kinds)
        wanted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        stages: dict[int, list[str]] = {}
        for one in self.proposers:
            stages.setdefault(one.stage, []).append(one.name)
        asked = ", then ".join(", ".join(names) for _, names in sorted(stages.items()))
        return f"mend {wanted}; ask {asked}" if wanted else ""


class Move(Prefab, frozen=True):
    """One patch of a path, and the code, message and phase of the diagnostic that it was proposed for."""

    patch: Patch
    code: str
    said: tuple[str, str] = ("", "")
    cost: float = 0.0
    phase: int = 0


class State(Prefab, frozen=True):
    """Files that were checked, and how one came to them from the first files: `moves` in order, and what they amount
    to as `hunks`, which name the moves that they come from."""

    files: Mapping[str, bytes]
    checked: Checked
    hunks: tuple[Hunk, ...] = ()
    moves: tuple[Move, ...] = ()
    cost: float = 0.0
    lines: int = 0
    behind: int = 0
    """How many packages were mended: the errors of the next one show only then."""


class Candidate(Prefab, frozen=True):
    """Files that were not checked: one or several moves further than `parent`."""

    parent: State
    moves: tuple[Move, ...]
    files: Mapping[str, bytes]
    cost: float
    key: bytes
    """Of the contents of `files`."""


def bundles(found: Sequence[Sequence[Move]]) -> Iterator[tuple[Move, ...]]:
    """Patches to try together: the likeliest for each diagnostic, those for the earliest phase, without which the rest
    would often not have been said, and those of one producer for one code."""
    best = [moves[0] for moves in found]
    first = [move for move in best if move.phase == min(one.phase for one in best)]
    groups: dict[tuple[str, str], list[Move]] = {}
    for move in best:
        groups.setdefault((move.patch.producer, move.code), []).append(move)
    for moves in (best, first, *groups.values()):
        kept = _disjoint(moves)
        if len(kept) > 1:
            yield kept


def _disjoint(moves: Sequence[Move]) -> tuple[Move, ...]:
    """The moves without those whose changes meet an earlier one's, or repeat them."""
    kept: list[Move] = []
    taken: list[Change] = []
    for move in moves:
        if not any(_meet(one, other) for one in move.patch.changes for other in taken):
            kept.append(move)
            taken += move.patch.changes
    return tuple(kept)


def _meet(one: Change, other: Change) -> bool:
    """Whether two changes cannot both be made, or say the same. Lines that are put in at one place can, and what goes
    side by side."""
    here, there = one.place, other.place
    if here == there and here.start == here.end and one.text != other.text:
        return not (one.text.endswith("\n") and other.text.endswith("\n"))
    if not one.text and not other.text:
        return here.path == there.path and here.start < there.end and there.start < here.end
    return here.path == there.path and here.start <= there.end and there.start <= here.end


def characters_of(changes: Iterable[Change], files: Mapping[str, bytes]) -> int:
    """How many characters are written and removed."""
    small = [trimmed(change, files) for change in changes if change.place.path in files]
    return sum(len(change.text) + change.place.end - change.place.start for change in small)


def package_of(path: str) -> str:
    """The folder of the package that a file is of, as cargo lays packages out."""
    folders = path.split("/")[:-1]
    return "/".join(takewhile(lambda one: one not in ("src", "tests", "examples", "benches"), folders))


def said_of(diagnostic: RustDiagnostic) -> tuple[str, str]:
    """Its code and its message, which are the same for the same mistake wherever it is."""
    return diagnostic.code, diagnostic.message


def about(candidate: Candidate) -> str:
    """What the moves of a candidate are, in a few words."""
    first = candidate.moves[0].patch.reason
    others = len(candidate.moves) - 1
    return f"{first}, and {others} more" if others else first
