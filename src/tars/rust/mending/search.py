"""Patch tree search: proposals applied in memory, checked best first, combined over rounds, until the files build.

It is one sequence of decisions, the same for any number of workers: idle checkers only look ahead.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeGuard

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.rust.mending.context import Workbench
from tars.rust.mending.guards import violations
from tars.rust.mending.looks import content_key
from tars.rust.mending.proposer import Proposer
from tars.rust.mending.ranking import (
    COST_MAX,
    DONE,
    agreed,
    ahead_cost,
    bundle_cost,
    guess_cost,
    held_before,
    is_guess,
    left_cost,
    patch_cost,
    phase_of,
    preference,
    proven_cost,
)
from tars.rust.mending.senses import Senses
from tars.rust.mending.tree import Candidate, Move, Plan, State, about, bundles, characters_of, package_of, said_of
from tars.rust.syntax.edits import composed, lines_changed, patched, settled
from tars.rust.syntax.source import SourceFile
from tars.rust.syntax.units import is_test_code
from tars.rust.values import Change, Checked, Patch, Place, RustDiagnostic

_DIAGNOSTICS_MAX = 100
_SYNTAX_MAX = 4
"""What the compiler reads after a mistake in the syntax it often reads wrong."""
_ALONE_MAX = 12
"""The patches of so many diagnostics are also tried alone."""
_PATCHES_MAX = 28
_WINDOW = 8
"""How many further candidates are checked after a solution, for one that is preferred to it."""
_MISSES_MAX = 4
"""How many of them in a row may be none."""
_PATIENCE = 50
"""After so many checks that brought nothing nearer what is queued is given up: 95 in 100 mends took fewer than ten."""
_REFUSED_MAX = 8
_MORE_MAX = 5
"""How many more errors a patch may bring to light and still be gone on from."""


class Search(Prefab, slots=False):
    """One search from the files `first`."""

    first: Mapping[str, bytes]
    senses: Senses
    plan: Plan
    front: list[State] = attribute(default_factory=list)
    """The states that no other beats both in errors left and in lines changed."""
    refused: dict[str, list[Candidate]] = attribute(default_factory=dict)
    """Candidates that were not even checked, by the one guard that refuses them, the most hopeful first."""
    tried: Counter[tuple[str, str]] = attribute(default_factory=Counter)
    """How often patches of each producer for each code were checked alone."""
    faults: list[str] = attribute(default_factory=list)
    """What broke down while it proposed."""

    def __prefab_post_init__(self) -> None:
        self._queue: list[tuple[float, int, Candidate | State]] = []
        """Candidates, and states for which guesses are to be made once nothing better is queued."""
        self._queued: dict[bytes, tuple[float, Candidate]] = {}
        """Of each content that waits its cost and the cheapest way to it; dearer ones in the queue are void."""
        self._serial = 0
        self._visited = {content_key(self.first)}
        self._judged: dict[bytes, frozenset[str]] = {}
        self._spoilt = set[bytes]()
        self._sources: dict[tuple[str, bytes], SourceFile] = {}
        self._nearest: State | None = None
        self._vain = 0
        self._postponed: list[tuple[int, tuple[int, int, int], int, State]] = []
        self._stages = sorted({one.stage for one in self.plan.proposers})
        """States of which only what is remembered was asked so far."""

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
            yield from sorted(found, key=self._preference)

    @property
    def nearest(self) -> State | None:
        """The state of the latest phase and the fewest errors, the first of these."""
        return self._nearest

    def offers(self) -> Iterator[tuple[str, State] | None]:
        """What would build if one guard were lifted, with its name; None after each check."""
        for guard, candidates in sorted(self.refused.items()):
            for candidate in candidates:
                checked = self.senses.check(candidate.files, about(candidate))
                yield (guard, self._state(candidate, checked)) if self.plan.goal(checked) else None

    def _rivals(self, solution: State) -> Iterator[State | None]:
        """Other solutions among those candidates that would be preferred if they were some, a few of them. Parts of the
        solution are left to shrinking."""
        best, misses = self._preference(solution), 0
        hopes = sorted((self._hope(one), serial, one) for _, serial, one in self._queue if self._waits(one))
        own = {move.patch for move in solution.moves}
        hoped = (one for hope, _, one in hopes if hope < best and not {move.patch for move in one.moves} <= own)
        better = list(islice((one for one in hoped if not self._guards(one)), _WINDOW))
        for number, candidate in enumerate(better):
            if misses == _MISSES_MAX:
                return
            self.senses.expect(one.files for one in better[number : number + self.senses.jobs])
            del self._queued[candidate.key]
            state = self._look(candidate)
            misses = 0 if state is not None else misses + 1
            yield state

    def _hope(self, candidate: Candidate) -> float:
        """The preference of a candidate, should it be a solution."""
        parent = candidate.parent
        cost = parent.cost + proven_cost(candidate.cost - parent.cost, further=True)
        changes = [change for move in candidate.moves for change in move.patch.changes]
        characters = characters_of(changes, parent.files)
        characters += characters_of([one.change for one in parent.hunks], self.first)
        return preference(cost, parent.lines + 1, characters, tests=False)

    def _preference(self, state: State) -> float:
        changes = [hunk.change for hunk in state.hunks]
        return preference(state.cost, state.lines, characters_of(changes, self.first), tests=self._in_tests(changes))

    def _in_tests(self, changes: Iterable[Change]) -> bool:
        return any(is_test_code(self._source(one.place.path, self.first[one.place.path]), one.place) for one in changes)

    def _source(self, path: str, data: bytes) -> SourceFile:
        """One object for each content, so that what is known of it is found out once."""
        return self._sources.setdefault((path, data), SourceFile(path, data))

    def _pop(self) -> Candidate | None:
        if self._vain >= _PATIENCE:
            self._queue.clear()
            self._queued.clear()
            self._vain = 0
        while self._queue or self._postponed:
            if not self._queue:
                stage, _, _, state = heapq.heappop(self._postponed)
                self._ask(state, stage)
                continue
            next_ones = heapq.nsmallest(self.senses.jobs, self._queue)
            first = next_ones[0][2]
            heapq.heappop(self._queue)
            if self._waits(first):
                del self._queued[first.key]
                self.senses.look()
                if guards := self._guards(first):
                    self._refuse(first, guards)
                    continue
                likely = [one for _, _, one in next_ones[1:] if self._waits(one) and not self._guards(one)]
                self.senses.expect([first.files, *(one.files for one in likely)])
                return first
            if isinstance(first, State):
                self._push_all(first, self._proposed(first, self._guessing(), guesses=True))
        return None

    def _waits(self, one: Candidate | State) -> TypeGuard[Candidate]:
        """Whether it is a candidate, and the cheapest way to its files that is known."""
        return isinstance(one, Candidate) and self._queued.get(one.key, (0.0, None))[1] is one

    def _guessing(self) -> list[Proposer]:
        return [one for one in self.plan.proposers if one.name == "rules"]

    def _look(self, candidate: Candidate) -> State | None:
        """The state, where it is a solution; else what follows from it is queued."""
        checked = self.senses.check(candidate.files, about(candidate))
        state = self._state(candidate, checked)
        if len(candidate.moves) == 1:
            self.tried[candidate.moves[0].patch.producer, candidate.moves[0].code] += 1
        nearest = self._nearest
        self._keep(state)
        self._vain = 0 if self._nearest is not nearest else self._vain + 1
        if self.plan.goal(state.checked):
            self._vain = 0
            return state
        for entry in [one for one in self._postponed if one[0] == self._stages[0] and one[3] is candidate.parent]:
            # What was remembered did not hold: nothing is to be waited for.
            self._postponed.remove(entry)
            heapq.heapify(self._postponed)
            self._ask(candidate.parent, entry[0])
        if self._worth(candidate, state):
            self._expand(state)
        elif len(candidate.moves) > 3:
            self._push_halves(candidate)
        return None

    def _state(self, candidate: Candidate, checked: Checked) -> State:
        parent = candidate.parent
        numbered = enumerate(candidate.moves, len(parent.moves))
        changes = ((change, number) for number, move in numbered for change in move.patch.changes)
        hunks = composed(parent.hunks, changes)
        lines = lines_changed(self.first, candidate.files)
        behind = parent.behind + self._uncovers(candidate, checked)
        further = self._is_further(candidate, checked)
        cost = parent.cost + proven_cost(candidate.cost - parent.cost, further=further)
        return State(candidate.files, checked, hunks, parent.moves + candidate.moves, cost, lines, behind)

    def _is_further(self, candidate: Candidate, checked: Checked) -> bool:
        before, after = self.plan.targets(candidate.parent.checked), self.plan.targets(checked)
        further = (phase_of(after), -len(after)) > (phase_of(before), -len(before))
        return further or self._uncovers(candidate, checked)

    def _uncovers(self, candidate: Candidate, checked: Checked) -> bool:
        """Whether all that is left is in packages that the compiler had not come to before, for what they rest on did
        not build."""
        before, after = self.plan.targets(candidate.parent.checked), self.plan.targets(checked)
        known = {package_of(one.primary.path) for one in before if one.primary is not None}
        known |= {package_of(change.place.path) for move in candidate.moves for change in move.patch.changes}
        new = {package_of(one.primary.path) for one in after if one.primary is not None}
        return bool(new) and not new & known

    def _worth(self, candidate: Candidate, state: State) -> bool:
        """Whether to go on from a state: not where what the patch was for is still there, where the syntax was broken,
        or where it is too unlikely by now, or where a guess brought it no further."""
        before, after = self.plan.targets(candidate.parent.checked), self.plan.targets(state.checked)
        uncovers = state.behind > candidate.parent.behind
        if state.checked.detail or state.cost > COST_MAX or (not uncovers and phase_of(after) == 0 < phase_of(before)):
            return False
        if not self._is_further(candidate, state.checked) and any(is_guess(move.patch) for move in candidate.moves):
            return False
        gone = Counter(map(said_of, before)) - Counter(map(said_of, after))
        return any(move.said in gone for move in candidate.moves) and (
            uncovers or len(after) <= len(before) + _MORE_MAX
        )

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

    def _distance(self, state: State) -> tuple[int, int, int]:
        targets = self.plan.targets(state.checked)
        return -state.behind, -phase_of(targets), len(targets)

    def _expand(self, state: State) -> None:
        """Queues what is proposed for a state: what is remembered for it, where that is enough, else what the first
        stage of proposers has. The rest is asked where nothing else is left."""
        if found := self._remembered(state):
            self._push_all(state, found)
            self._postpone(state, -1)
        elif self._stages:
            self._ask(state, self._stages[0])

    def _ask(self, state: State, stage: int) -> None:
        asked = [one for one in self.plan.proposers if one.stage == stage]
        self._push_all(state, self._proposed(state, asked))
        if self._guessing() and stage == self._stages[0]:
            targets = self.plan.targets(state.checked)
            ahead = left_cost(len(targets) - 1, self._phase(state))
            self._serial += 1
            cost = state.cost + guess_cost(len(state.moves), len(targets))
            heapq.heappush(self._queue, (cost + ahead, self._serial, state))
        self._postpone(state, stage)

    def _postpone(self, state: State, asked: int) -> None:
        later = next((stage for stage in self._stages if stage > asked), None)
        if later is not None:
            self._serial += 1
            heapq.heappush(self._postponed, (later, self._distance(state), self._serial, state))

    def _phase(self, state: State) -> int:
        """How far the compiler came; where it came to another package, the phases of that one count as reached."""
        return DONE - 1 if state.behind else phase_of(self.plan.targets(state.checked))

    def _remembered(self, state: State) -> list[list[Move]]:
        """The mends that held here before, where there is one for every diagnostic: then nobody else is asked yet, for
        to answer they may ask for types."""
        memory = [one for one in self.plan.proposers if one.name == "memory"]
        found = self._proposed(state, memory) if memory else []
        every = len(found) == len(self._to_mend(state))
        return found if every and all(held_before([moves[0].patch]) for moves in found) else []

    def _push_all(self, state: State, found: Sequence[Sequence[Move]]) -> None:
        targets, phase = self.plan.targets(state.checked), self._phase(state)
        for bundle in bundles([moves for moves in found if not is_guess(moves[0].patch)]):
            self._push(state, bundle, bundle_cost([one.cost for one in bundle]), ahead_cost(targets, bundle, phase))
        for moves in found[:_ALONE_MAX]:
            for move in moves:
                self._push(state, (move,), move.cost, ahead_cost(targets, (move,), phase))

    def _push_halves(self, candidate: Candidate) -> None:
        """Of a bundle that led nowhere, or that a guard refuses, one patch may be to blame: its halves are tried."""
        parent, targets = candidate.parent, self.plan.targets(candidate.parent.checked)
        self._spoilt.add(content_key(candidate.files))
        middle = len(candidate.moves) // 2
        for moves in (candidate.moves[:middle], candidate.moves[middle:]):
            ahead = left_cost(len(targets) - len(moves), self._phase(parent))
            self._push(parent, moves, candidate.cost - parent.cost, ahead)

    def _move(self, patch: Patch, diagnostic: RustDiagnostic, files: Mapping[str, bytes], depth: int) -> Move:
        weight = self.plan.success(patch.producer, diagnostic.code)
        cost = patch_cost(patch.confidence * weight, characters_of(patch.changes, files))
        cost += guess_cost(depth) - guess_cost(0) if is_guess(patch) else 0.0
        return Move(patch, diagnostic.code, said_of(diagnostic), cost, phase_of([diagnostic]))

    def _push(self, state: State, moves: tuple[Move, ...], cost: float, ahead: float) -> None:
        try:
            files = patched(state.files, [change for move in moves for change in move.patch.changes])
        except ValueError:
            return
        key = content_key(files)
        candidate = Candidate(state, moves, files, state.cost + cost, key)
        if key in self._visited:
            if key in self._spoilt and len(moves) > 1:
                self._push_halves(candidate)
            elif key in self._queued and candidate.cost + ahead < self._queued[key][0]:
                self._enqueue(candidate, ahead)
            return
        self._visited.add(key)
        self._enqueue(candidate, ahead)

    def _guards(self, candidate: Candidate) -> frozenset[str]:
        """The guards that refuse a candidate. They read its files, so they are asked only before it is checked."""
        if (found := self._judged.get(candidate.key)) is None:
            told = violations(self.first, candidate.files, self.plan.allow)
            found = self._judged[candidate.key] = frozenset(one.guard for one in told)
        return found

    def _refuse(self, candidate: Candidate, guards: frozenset[str]) -> None:
        if len(guards) == 1:
            known = [*self.refused.get(guard := min(guards), ()), candidate]
            self.refused[guard] = sorted(known, key=self.plan.left_after)[:_REFUSED_MAX]
        if len(candidate.moves) > 1:
            self._push_halves(candidate)

    def _enqueue(self, candidate: Candidate, ahead: float) -> None:
        self._serial += 1
        self._queued[candidate.key] = (candidate.cost + ahead, candidate)
        heapq.heappush(self._queue, (candidate.cost + ahead, self._serial, candidate))

    def _to_mend(self, state: State) -> list[RustDiagnostic]:
        """The diagnostics that proposers are asked about."""
        # What is said of a later phase often rests on what the compiler guessed at behind an error of an earlier one.
        targets = sorted(self.plan.targets(state.checked), key=lambda one: phase_of([one]))
        most = _SYNTAX_MAX if phase_of(targets) == 0 else _DIAGNOSTICS_MAX
        return [one for one in targets if one.kind in self.plan.kinds][:most]

    def _proposed(self, state: State, proposers: Sequence[Proposer], *, guesses: bool = False) -> list[list[Move]]:
        """For each of the first diagnostics its patches, the likeliest first."""
        sources = {path: self._source(path, data) for path, data in state.files.items()}

        def types(places: Sequence[Place]) -> Sequence[str | None]:
            return self.senses.types(sources, places)

        bench = Workbench(
            sources, state.checked.diagnostics, self.plan.gather, self.plan.edition, types,
            self.senses.recorded(self.plan.resources), self.faults, guesses,
        )  # fmt: skip
        found = []
        asked = [(diagnostic, [patch for one in proposers for patch in one.propose(diagnostic, bench)])
                 for diagnostic in self._to_mend(state)]  # fmt: skip
        times = Counter(patch.changes for _, patches in asked for patch in patches)
        for diagnostic, offered in asked:
            # Several mistakes that one guess would explain speak for it.
            patches = [agreed(patch, times[patch.changes]) if guesses else patch for patch in offered]
            moves = [
                self._move(settled(state.files, patch), diagnostic, state.files, len(state.moves)) for patch in patches
            ]
            found.append(sorted(moves, key=lambda move: move.cost)[:_PATCHES_MAX])
        return [moves for moves in found if moves]
