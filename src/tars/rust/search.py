"""Patch tree search: proposals applied in memory, checked best first, combined over rounds, until the files build.

It is one sequence of decisions, the same for any number of workers: idle checkers only look ahead.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tars.rust.context import NOTHING, Resources, Workbench
from tars.rust.edits import Hunk, composed, lines_changed, patched, settled
from tars.rust.guards import violations
from tars.rust.looks import content_key
from tars.rust.proposer import Proposer
from tars.rust.ranking import (
    COST_MAX,
    Success,
    bundle_cost,
    held_before,
    left_cost,
    patch_cost,
    phase_of,
    proven_cost,
)
from tars.rust.rule import Symbols
from tars.rust.senses import Senses
from tars.rust.source import SourceFile
from tars.rust.values import Checked, Kind, Patch, Place, RustDiagnostic

_DIAGNOSTICS_MAX = 12
_PATCHES_MAX = 12
_WINDOW = 6
"""How many further candidates are checked after a solution, for one that changes less."""
_MARGIN = 1.2
_REFUSED_MAX = 8
_MORE_MAX = 5
"""How many more errors a patch may bring to light and still be gone on from."""


@dataclass(frozen=True, slots=True)
class Plan:
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


@dataclass(frozen=True, slots=True)
class Move:
    """One patch of a path, and the code and the message of the diagnostic that it was proposed for."""

    patch: Patch
    code: str
    said: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class State:
    """Files that were checked, and how one came to them from the first files: `moves` in order, and what they amount
    to as `hunks`, which name the moves that they come from."""

    files: Mapping[str, bytes]
    checked: Checked
    hunks: tuple[Hunk, ...] = ()
    moves: tuple[Move, ...] = ()
    cost: float = 0.0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Files that were not checked: one or several moves further than `parent`."""

    parent: State
    moves: tuple[Move, ...]
    files: Mapping[str, bytes]
    cost: float


@dataclass
class Search:
    """One search from the files `first`."""

    first: Mapping[str, bytes]
    senses: Senses
    plan: Plan
    front: list[State] = field(default_factory=list)
    """The states that no other beats both in errors left and in lines changed."""
    refused: dict[str, list[Candidate]] = field(default_factory=dict)
    """Candidates that were not even checked, by the one guard that refuses them."""
    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often patches of each producer for each code were checked alone."""
    faults: list[str] = field(default_factory=list)
    """What broke down while it proposed."""

    def __post_init__(self) -> None:
        self._queue: list[tuple[float, int, Candidate]] = []
        self._serial = 0
        self._visited = {content_key(self.first)}
        self._nearest: State | None = None

    def solutions(self) -> Iterator[State | None]:
        """States that build, the best of those found first; going on is to reject the last. None after each check.

        Raises `OverBudgetError`; ends where nothing is left to try.
        """
        self._keep(root := State(self.first, self.senses.check(self.first, "as it is")))
        if self.plan.goal(root.checked):
            yield root
            return
        self._expand(root)
        while candidate := self._pop():
            if (state := self._look(candidate)) is None:
                yield None
                continue
            yield None
            found = [state]
            for rival in () if held_before([move.patch for move in state.moves]) else self._rivals(state):
                yield None
                found += [rival] if rival is not None else []
            yield from sorted(found, key=lambda one: (one.lines, one.cost))

    @property
    def nearest(self) -> State | None:
        """The state of the latest phase and the fewest errors, the first of these."""
        return self._nearest

    def offers(self) -> Iterator[tuple[str, State] | None]:
        """What would build if one guard were lifted, with its name; None after each check."""
        for guard, candidates in sorted(self.refused.items()):
            for candidate in candidates:
                checked = self.senses.check(candidate.files, _about(candidate))
                yield (guard, self._state(candidate, checked)) if self.plan.goal(checked) else None

    def _rivals(self, solution: State) -> Iterator[State | None]:
        """Other solutions among the next few candidates, as long as those are about as likely."""
        limit = solution.cost + _MARGIN
        for _ in range(_WINDOW):
            if not self._queue or self._queue[0][0] > limit or (candidate := self._pop()) is None:
                return
            yield self._look(candidate)

    def _pop(self) -> Candidate | None:
        if not self._queue:
            return None
        self.senses.expect(one.files for _, _, one in heapq.nsmallest(self.senses.jobs, self._queue))
        return heapq.heappop(self._queue)[2]

    def _look(self, candidate: Candidate) -> State | None:
        """The state, where it is a solution; else what follows from it is queued."""
        checked = self.senses.check(candidate.files, _about(candidate))
        state = self._state(candidate, checked)
        if len(candidate.moves) == 1:
            self.tried[candidate.moves[0].patch.producer, candidate.moves[0].code] += 1
        self._keep(state)
        if self.plan.goal(state.checked):
            return state
        if self._worth(candidate, state):
            self._expand(state)
        return None

    def _state(self, candidate: Candidate, checked: Checked) -> State:
        parent = candidate.parent
        numbered = enumerate(candidate.moves, len(parent.moves))
        changes = ((change, number) for number, move in numbered for change in move.patch.changes)
        hunks = composed(parent.hunks, changes)
        lines = lines_changed(self.first, candidate.files)
        before, after = self.plan.targets(parent.checked), self.plan.targets(checked)
        further = (phase_of(after), -len(after)) > (phase_of(before), -len(before))
        cost = parent.cost + proven_cost(candidate.cost - parent.cost, further=further)
        return State(candidate.files, checked, hunks, parent.moves + candidate.moves, cost, lines)

    def _worth(self, candidate: Candidate, state: State) -> bool:
        """Whether to go on from a state: not where what the patch was for is still there, where the syntax was broken,
        or where it is too unlikely by now."""
        before, after = self.plan.targets(candidate.parent.checked), self.plan.targets(state.checked)
        if state.checked.detail or state.cost > COST_MAX or phase_of(after) == 0 < phase_of(before):
            return False
        gone = Counter(map(_said, before)) - Counter(map(_said, after))
        return any(move.said in gone for move in candidate.moves) and len(after) <= len(before) + _MORE_MAX

    def _keep(self, state: State) -> None:
        if state.checked.detail:
            return
        errors = len(self.plan.targets(state.checked))
        standing = [(len(self.plan.targets(one.checked)), one.lines) for one in self.front]
        if not any(left <= errors and lines <= state.lines for left, lines in standing):
            kept = [
                one
                for one, (left, lines) in zip(self.front, standing, strict=True)
                if left < errors or lines < state.lines
            ]
            self.front = [*kept, state]
        if self._nearest is None or self._distance(state) < self._distance(self._nearest):
            self._nearest = state

    def _distance(self, state: State) -> tuple[int, int]:
        targets = self.plan.targets(state.checked)
        return -phase_of(targets), len(targets)

    def _expand(self, state: State) -> None:
        """Queues what is proposed for a state: patches alone, and one for each diagnostic together."""
        targets = self.plan.targets(state.checked)
        found = self._proposed(state, targets)
        errors, phase = len(targets), phase_of(targets)
        for bundle in _bundles(found):
            cost = bundle_cost([self._cost(one) for one in bundle])
            self._push(state, bundle, cost, left_cost(errors - len(bundle), phase))
        for moves in found:
            for move in moves:
                self._push(state, (move,), self._cost(move), left_cost(errors - 1, phase))

    def _cost(self, move: Move) -> float:
        return patch_cost(move.patch, move.code, self.plan.success)

    def _push(self, state: State, moves: tuple[Move, ...], cost: float, ahead: float) -> None:
        try:
            files = patched(state.files, [change for move in moves for change in move.patch.changes])
        except ValueError:
            return
        key = content_key(files)
        if key in self._visited:
            return
        self._visited.add(key)
        candidate = Candidate(state, moves, files, state.cost + cost)
        guards = {one.guard for one in violations(self.first, files, self.plan.allow)}
        if guards:
            if len(guards) == 1 and len(kept := self.refused.setdefault(min(guards), [])) < _REFUSED_MAX:
                kept.append(candidate)
            return
        self._serial += 1
        heapq.heappush(self._queue, (candidate.cost + ahead, self._serial, candidate))

    def _proposed(self, state: State, targets: Iterable[RustDiagnostic]) -> list[list[Move]]:
        """For each of the first diagnostics its patches, the likeliest first."""
        sources = {path: SourceFile(path, data) for path, data in state.files.items()}
        plan = self.plan

        def types(places: Sequence[Place]) -> Sequence[str | None]:
            return self.senses.types(sources, places)

        resources = self.senses.recorded(plan.resources)
        bench = Workbench(
            sources, state.checked.diagnostics, plan.gather, plan.edition, types, resources, self.faults
        )  # fmt: skip
        found = []
        for diagnostic in [one for one in targets if one.kind in plan.kinds][:_DIAGNOSTICS_MAX]:
            patches = [patch for one in plan.proposers for patch in one.propose(diagnostic, bench)]
            moves = [Move(settled(state.files, patch), diagnostic.code, _said(diagnostic)) for patch in patches]
            found.append(sorted(moves, key=self._cost)[:_PATCHES_MAX])
        return [moves for moves in found if moves]


def _bundles(found: Sequence[Sequence[Move]]) -> Iterator[tuple[Move, ...]]:
    """Patches to try together: the likeliest for each diagnostic, and those of one producer for one code."""
    best = [moves[0] for moves in found]
    groups: dict[tuple[str, str], list[Move]] = {}
    for move in best:
        groups.setdefault((move.patch.producer, move.code), []).append(move)
    for moves in (best, *groups.values()):
        kept = _disjoint(moves)
        if len(kept) > 1:
            yield kept


def _disjoint(moves: Sequence[Move]) -> tuple[Move, ...]:
    """The moves without those whose changes meet an earlier one's, or repeat them."""
    kept: list[Move] = []
    taken: list[Place] = []
    for move in moves:
        places = [change.place for change in move.patch.changes]
        if not any(_meet(one, other) for one in places for other in taken):
            kept.append(move)
            taken += places
    return tuple(kept)


def _meet(one: Place, other: Place) -> bool:
    return one.path == other.path and one.start <= other.end and other.start <= one.end


def _said(diagnostic: RustDiagnostic) -> tuple[str, str]:
    return diagnostic.code, diagnostic.message


def _about(candidate: Candidate) -> str:
    """What the moves of a candidate are, in a few words."""
    first = candidate.moves[0].patch.reason
    others = len(candidate.moves) - 1
    return f"{first}, and {others} more" if others else first
