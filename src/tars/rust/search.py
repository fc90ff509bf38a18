"""Patch tree search: proposals applied in memory, checked best first, combined over rounds, until the files build.

It is one sequence of decisions, the same for any number of workers: idle checkers only look ahead.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tars.rust.context import NOTHING, Resources, Workbench
from tars.rust.edits import Hunk, composed, lines_changed, patched, settled
from tars.rust.guards import violations
from tars.rust.looks import Looks, content_key
from tars.rust.proposer import Proposer
from tars.rust.ranking import Success, bundle_cost, left_cost, patch_cost, phase_of
from tars.rust.rule import Symbols
from tars.rust.source import SourceFile
from tars.rust.values import Checked, Kind, Patch, Place, RustDiagnostic

_DIAGNOSTICS_MAX = 12
_PATCHES_MAX = 12
_WINDOW = 6
"""How many further candidates are checked after a solution, for one that changes less."""
_MARGIN = 1.2


@dataclass(frozen=True, slots=True)
class Plan:
    """What a search may do, and with what."""

    proposers: Sequence[Proposer]
    gather: Callable[[Mapping[str, SourceFile], str], Symbols]
    edition: str = "2021"
    kinds: frozenset[Kind] = frozenset(Kind)
    lints: bool = False
    """Whether warnings are to be mended too."""
    lines_max: int = 200
    files_max: int = 20
    probes_max: int = 200
    allow: frozenset[str] = frozenset()
    """The guards that are lifted."""
    success: Success = lambda producer, code: 1.0
    resources: Resources = NOTHING


@dataclass(frozen=True, slots=True)
class Step:
    """One patch of a path, and the code of the diagnostic that it was proposed for."""

    patch: Patch
    code: str


@dataclass(frozen=True, slots=True)
class State:
    """Files that were checked, and how one came to them from the first files: `steps` in order, and what they amount
    to as `hunks`."""

    files: Mapping[str, bytes]
    checked: Checked
    hunks: tuple[Hunk, ...] = ()
    steps: tuple[Step, ...] = ()
    cost: float = 0.0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class _Candidate:
    parent: State
    steps: tuple[Step, ...]
    files: Mapping[str, bytes]
    cost: float


@dataclass
class Search:
    """One search from the files `first`. `solutions` yields states that build, the best of those found first; to ask
    for another is to reject the last. `front` holds the states that no other beats in both errors and lines."""

    first: Mapping[str, bytes]
    looks: Looks
    plan: Plan
    front: list[State] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    """Why candidates were not even checked, and how many."""

    def __post_init__(self) -> None:
        self._queue: list[tuple[float, int, _Candidate]] = []
        self._serial = 0
        self._visited = {content_key(self.first)}

    def solutions(self) -> Iterator[State]:
        """Raises `OutOfTimeError` at the deadline; ends where nothing is left to try or the probes are used up."""
        root = State(self.first, self.looks.check(self.first))
        self._keep(root)
        if self._goal(root):
            yield root
            return
        self._expand(root)
        while (solution := self._next_solution()) is not None:
            found = [solution, *self._rivals(solution)]
            yield from sorted(found, key=_preference)

    def _next_solution(self) -> State | None:
        while (candidate := self._pop()) is not None:
            state = self._look(candidate)
            if self._goal(state):
                return state
            if self._worth(candidate.parent, state):
                self._expand(state)
        return None

    def _rivals(self, solution: State) -> list[State]:
        """Other solutions among the next few candidates, as long as those are about as likely."""
        limit = solution.cost + _MARGIN
        found = []
        for _ in range(_WINDOW):
            if not self._queue or self._queue[0][0] > limit or (candidate := self._pop()) is None:
                break
            state = self._look(candidate)
            if self._goal(state):
                found.append(state)
            elif self._worth(candidate.parent, state):
                self._expand(state)
        return found

    def _pop(self) -> _Candidate | None:
        if not self._queue or self.looks.asked >= self.plan.probes_max:
            return None
        ahead = heapq.nsmallest(self.looks.checkers.jobs, self._queue)
        self.looks.expect(one.files for _, _, one in ahead)
        return heapq.heappop(self._queue)[2]

    def _look(self, candidate: _Candidate) -> State:
        checked = self.looks.check(candidate.files)
        parent = candidate.parent
        numbered = enumerate(candidate.steps, len(parent.steps))
        hunks = composed(parent.hunks, ((change, number) for number, step in numbered for change in step.patch.changes))
        lines = lines_changed(self.first, candidate.files)
        state = State(candidate.files, checked, hunks, parent.steps + candidate.steps, candidate.cost, lines)
        self._keep(state)
        return state

    def _goal(self, state: State) -> bool:
        return state.checked.ok and not self._targets(state)

    def _targets(self, state: State) -> list[RustDiagnostic]:
        """The diagnostics to mend, in the compiler's order."""
        levels = ("error", "warning") if self.plan.lints else ("error",)
        return [one for one in state.checked.diagnostics if one.level in levels]

    def _worth(self, parent: State, state: State) -> bool:
        """Whether to go on from a state: not where nothing was gained, or where the syntax was broken."""
        before, after = self._targets(parent), self._targets(state)
        if not after or state.checked.detail:
            return False
        if phase_of(after) == 0 < phase_of(before):
            return False
        return len(after) <= len(before) + 3 or phase_of(after) > phase_of(before)

    def _keep(self, state: State) -> None:
        def beats(one: State, other: State) -> bool:
            first, second = len(self._targets(one)), len(self._targets(other))
            return first <= second and one.lines <= other.lines

        if not any(beats(one, state) for one in self.front):
            self.front = [one for one in self.front if not beats(state, one)] + [state]

    def _expand(self, state: State) -> None:
        """Queues what is proposed for a state: patches alone, and one for each diagnostic together."""
        found = self._proposed(state)
        errors, phase = len(self._targets(state)), phase_of(self._targets(state))
        for bundle in _bundles(found):
            cost = bundle_cost([self._cost(one) for one in bundle])
            self._push(state, bundle, cost, left_cost(errors - len(bundle), phase))
        for steps in found:
            for step in steps:
                self._push(state, (step,), self._cost(step), left_cost(errors - 1, phase))

    def _cost(self, step: Step) -> float:
        return patch_cost(step.patch, step.code, self.plan.success)

    def _push(self, state: State, steps: tuple[Step, ...], cost: float, ahead: float) -> None:
        try:
            files = patched(state.files, [change for step in steps for change in step.patch.changes])
        except ValueError:
            return
        key = content_key(files)
        if key in self._visited:
            return
        self._visited.add(key)
        if refusals := violations(self.first, files, self.plan.allow):
            reason = f"{refusals[0].guard}: {refusals[0].message}"
            self.refused[reason] = self.refused.get(reason, 0) + 1
            return
        self._serial += 1
        candidate = _Candidate(state, steps, files, state.cost + cost)
        heapq.heappush(self._queue, (candidate.cost + ahead, self._serial, candidate))

    def _proposed(self, state: State) -> list[list[Step]]:
        """For each diagnostic its patches, the likeliest first."""
        sources = {path: SourceFile(path, data) for path, data in state.files.items()}
        plan = self.plan

        def types(places: Sequence[Place]) -> Sequence[str | None]:
            return self.looks.run(lambda checker: checker.types(sources, places))

        bench = Workbench(sources, state.checked.diagnostics, plan.gather, plan.edition, types, plan.resources)
        found = []
        for diagnostic in self._targets(state)[:_DIAGNOSTICS_MAX]:
            if diagnostic.kind not in plan.kinds:
                continue
            patches = [patch for one in plan.proposers for patch in one.propose(diagnostic, bench)]
            steps = [Step(settled(state.files, patch), diagnostic.code) for patch in patches]
            steps.sort(key=self._cost)
            found.append(steps[:_PATCHES_MAX])
        return [steps for steps in found if steps]


def _bundles(found: Sequence[Sequence[Step]]) -> Iterator[tuple[Step, ...]]:
    """Patches to try together: the likeliest for each diagnostic, and those of one producer for one code."""
    best = [steps[0] for steps in found]
    groups: dict[tuple[str, str], list[Step]] = {}
    for step in best:
        groups.setdefault((step.patch.producer, step.code), []).append(step)
    for steps in (best, *groups.values()):
        kept = _disjoint(steps)
        if len(kept) > 1:
            yield kept


def _disjoint(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps without those whose changes meet an earlier one's, or repeat them."""
    kept: list[Step] = []
    taken: list[Place] = []
    for step in steps:
        places = [change.place for change in step.patch.changes]
        if not any(_meet(one, other) for one in places for other in taken):
            kept.append(step)
            taken += places
    return tuple(kept)


def _meet(one: Place, other: Place) -> bool:
    return one.path == other.path and one.start <= other.end and other.start <= one.end


def _preference(state: State) -> tuple[int, float]:
    return state.lines, state.cost
