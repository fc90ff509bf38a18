"""What an episode of mending is about, how it proposes, and its gates. All of it happens on files in memory."""

from collections.abc import Callable, Generator, Mapping, Sequence
from itertools import chain

from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.values import Json
from tars.episode.budget import OverBudgetError
from tars.episode.loop import Case
from tars.episode.values import Ask, Gate, Proposal, Sensed, Size, Verdict
from tars.rust.failing.search import slipped
from tars.rust.graph import symbols_of
from tars.rust.mending.context import NOTHING, Resources
from tars.rust.mending.guards import violations
from tars.rust.mending.looks import Looks, content_key
from tars.rust.mending.proposer import RUST_PROPOSERS
from tars.rust.mending.ranking import Success, held_before
from tars.rust.mending.rule import Symbols
from tars.rust.mending.search import Search
from tars.rust.mending.senses import Senses, told_tests
from tars.rust.mending.shrink import shrunk
from tars.rust.mending.tree import Plan, State
from tars.rust.patches.patch import bind
from tars.rust.syntax.edits import Hunk, joined, lines_changed, patched, trimmed
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Checked, Kind, Tested

Files = Mapping[str, bytes]
_TO_PROVE = 0.4
"""Of the seconds so much is kept for proving that what mends some of the lints passes the tests."""
_OFFERS_MAX = 4


class Options(Prefab, frozen=True):
    """What is asked of a mend. `kinds` are the classes of diagnostics to mend, `lints` whether clippy's lints and
    warnings are to be mended too, `tests` whether the tests must pass, `allow` the guards that are lifted."""

    kinds: frozenset[Kind] = frozenset(Kind)
    tests: bool = True
    lints: bool = False
    allow: frozenset[str] = frozenset()
    proposers: tuple[str, ...] = ("compiler", "rules")
    edition: str = "2021"
    resources: Resources = NOTHING
    success: Success = lambda producer, code: 1.0
    gather: Callable[[Mapping[str, SourceFile], str], Symbols] = symbols_of


class Offer(Prefab, frozen=True):
    """What would build if the guard of that name were lifted."""

    guard: str
    reason: str
    changes: tuple[Change, ...]
    lines: int


class Mending:
    """One mend of `files`; without `looks` it can only be replayed. It is the episode's task and its proposer."""

    def __init__(self, files: Files, looks: Looks | None, options: Options) -> None:
        self.options = options
        self.before: Checked | None = None
        self.search: Search | None = None
        self.tested: dict[bytes, Tested] = {}
        """What the tests found, by the key of the files."""
        self.refused: list[tuple[State, Tested]] = []
        """The changes that the tests refused, with what they found."""
        self.offers: list[Offer] = []
        self.plan = Plan(
            [RUST_PROPOSERS.load(name) for name in options.proposers], options.gather, options.edition, options.kinds,
            options.lints, options.allow, options.success, options.resources,
        )  # fmt: skip
        self.files = files
        self._looks = looks

    def case(self) -> Case[State]:
        gates: list[Gate[State]] = [_Guards(self), _Builds(self)]
        return Case(self, self, [*gates, _Tests(self)] if self.options.tests else gates)

    def senses(self, ask: Ask) -> Senses:
        return Senses(ask, self._looks, lints=self.options.lints)

    def good(self, checked: Checked) -> bool:
        """Whether that is worth to be proposed: nothing is in the way any more or, of lints, less than there was."""
        if self.plan.goal(checked) or self.before is None:
            return self.plan.goal(checked)
        left, had = self.plan.targets(checked), self.plan.targets(self.before)
        return self.options.lints and checked.builds and len(left) < len(had)

    def tried(self) -> Mapping[tuple[str, str], int]:
        """How often patches of each producer for each code were checked."""
        return self.search.tried if self.search is not None else {}

    # The task.

    @property
    def goal(self) -> str:
        wanted = ["everything builds", "the tests pass" * self.options.tests, "no lint is left" * self.options.lints]
        return " and ".join(one for one in wanted if one)

    def sense(self, ask: Ask) -> Sensed:
        senses = self.senses(ask)
        self.before = checked = senses.check(self.files, "as it is")
        if checked.detail:
            return Sensed(False, f"it cannot be checked: {checked.detail.strip()}")
        if self.options.lints and checked.builds:
            # What is put in the place of code for a linter says the same with less. A language server knows no lints.
            asked = [one for one in self.plan.proposers if one.name != "analyzer"]
            self.plan = replace(self.plan, allow=self.plan.allow | {"deletion"}, proposers=asked)
        targets = self.plan.targets(checked)
        if not self.plan.goal(checked):
            first = targets[0] if targets else None
            where = f"{first.code or 'no code'}: {first.message}" if first else "the tool gives no reason"
            what = "it builds, but for lints" if checked.builds else "it does not build"
            more = f", and {len(targets) - 1} more" * (len(targets) > 1)
            return Sensed(False, f"{what}: {where}{more}", self.plan.told(targets))
        if not self.options.tests:
            return Sensed(True, "it builds")
        tested = self.tested[content_key(self.files)] = senses.test(self.files)
        plan = "take back small slips in what failing tests call" if tested.failed else ""
        return Sensed(tested.ok, f"it builds, and {told_tests(tested)}", plan)

    def size(self, change: State) -> Size:
        return Size(len({hunk.change.place.path for hunk in change.hunks}), change.lines)

    def name(self, change: State) -> str:
        return bind(self.files, [hunk.change for hunk in change.hunks]).id

    def rollback(self, change: State) -> None:
        """Nothing: changes are tried in copies, so there is nothing to take back."""

    def reflect(self, proposal: Proposal[State]) -> str:
        change = proposal.change
        codes = ", ".join(dict.fromkeys(move.code or "no code" for move in change.moves))
        return f"{proposal.producer} mended {codes} with {change.lines} lines: {proposal.reason}"

    def to_json(self, change: State) -> Json:
        moves: list[Json] = [
            {
                "producer": move.patch.producer, "code": move.code, "reason": move.patch.reason,
                "confidence": move.patch.confidence, "citations": list(move.patch.citations), "risk": move.patch.risk,
            }
            for move in change.moves
        ]  # fmt: skip
        patch = bind(self.files, [hunk.change for hunk in change.hunks])
        return {"id": patch.id, **patch.to_json(), "moves": moves, "lines": change.lines}

    # The proposer.

    def propose(self, ask: Ask) -> Generator[Proposal[State] | None, Verdict | None, None]:
        assert self.before is not None
        senses = self.senses(ask)
        if self.before.detail:
            return
        if self.plan.goal(self.before):
            yield from self._slips(State(self.files, self.before), senses)
            return
        self.search = Search(self.files, senses, self.plan)
        try:
            for state in self.search.solutions():
                yield None if state is None else _proposal((yield from self._small(state, senses)))
                self._keep_back(_TO_PROVE if self._partly() is not None else 0.0)
        except OverBudgetError:
            if self._partly() is None:
                raise
        self._keep_back(0.0)
        if (nearest := self._partly()) is not None:
            yield _proposal(nearest)
        if (failing := self._least_failing()) is not None:
            yield from self._slips(failing, senses)
        try:
            for offer in self.search.offers():
                self._offer(offer)
                yield None
        except OverBudgetError:
            return

    def _partly(self) -> State | None:
        """The nearest state, where it is worth to be proposed though not all is mended."""
        nearest = self.search.nearest if self.search is not None else None
        return nearest if nearest is not None and self.good(nearest.checked) else None

    def _keep_back(self, share: float) -> None:
        """Leaves this share of the seconds for the proof of what is mended so far."""
        if self._looks is not None:
            self._looks.meter.seconds_kept_back = share * self._looks.meter.budget.seconds_max

    def _slips(self, base: State, senses: Senses) -> Generator[Proposal[State] | None, Verdict | None, None]:
        """What builds and fails its tests, with small slips taken back, where no class of diagnostics was chosen."""
        if not self.options.tests or self.options.kinds != frozenset(Kind):
            return
        tested = senses.test(base.files)
        if tested.failed:
            for found in slipped(base, self.files, tested, senses, self.plan.allow):
                if isinstance(found, State):
                    yield _proposal(found)
                else:
                    self._offer(found)
                    yield None

    def _least_failing(self) -> State | None:
        """Of the patches with which it builds the one with which the fewest tests fail; None where there is none."""
        found = [(len(tested.failed), number) for number, (_, tested) in enumerate(self.refused) if tested.failed]
        return self.refused[min(found)[1]][0] if found else None

    def _offer(self, offer: tuple[str, State] | None) -> None:
        if offer is not None and len(self.offers) < _OFFERS_MAX:
            guard, state = offer
            changes = tuple(hunk.change for hunk in state.hunks)
            self.offers.append(Offer(guard, _reason(state), changes, state.lines))

    def _small(self, state: State, senses: Senses) -> Generator[None, Verdict | None, State]:
        """The state without the hunks that it can do without, and without what each replaces by itself."""
        if held_before([move.patch for move in state.moves]):
            return state
        whole = self.options.lints and self.before is not None and self.before.builds
        hunks = state.hunks if whole else (yield from self._without_patches(state.hunks, senses))
        # Less code has less lints: half of what silences one may be the half that only removes something.
        parts = joined(hunks) if whole else [(hunk,) for hunk in hunks]
        tries = shrunk(
            parts,
            lambda some: self._holds(tuple(chain(*some)), senses),
            lambda several: senses.expect(self._patched(tuple(chain(*some))) for some in several),
        )
        for kept in tries:
            if kept is None:
                yield None
            else:
                hunks = tuple(replace(one, change=trimmed(one.change, self.files)) for part in kept for one in part)
        files = self._patched(hunks)
        checked = senses.check(files, "the patch")
        return replace(state, files=files, checked=checked, hunks=hunks, lines=lines_changed(self.files, files))

    def _without_patches(
        self, hunks: tuple[Hunk, ...], senses: Senses
    ) -> Generator[None, Verdict | None, tuple[Hunk, ...]]:
        """The hunks without those of patches that can go: of a pair of brackets neither half can go alone."""
        for patches in dict.fromkeys(hunk.patches for hunk in hunks):
            own = [hunk for hunk in hunks if hunk.patches == patches]
            kept = tuple(hunk for hunk in hunks if hunk.patches != patches)
            if len(own) > 1 and kept:
                hunks = kept if self._holds(kept, senses) else hunks
                yield None
        return hunks

    def _holds(self, hunks: Sequence[Hunk], senses: Senses) -> bool:
        files = self._patched(hunks)
        if violations(self.files, files, self.plan.allow):
            return False
        return self.plan.goal(senses.check(files, f"with {len(hunks)} of the patch's parts"))

    def _patched(self, hunks: Sequence[Hunk]) -> Files:
        return patched(self.files, [hunk.change for hunk in hunks])


def _proposal(state: State) -> Proposal[State]:
    used = sorted(frozenset[int]().union(*(hunk.patches for hunk in state.hunks)))
    patches = [state.moves[number].patch for number in used]
    confidence = 1.0
    for patch in patches:
        confidence *= patch.confidence
    producers = " + ".join(dict.fromkeys(patch.producer for patch in patches))
    citations = tuple(dict.fromkeys(citation for patch in patches for citation in patch.citations))
    return Proposal(state, _reason(state), confidence, producers, citations)


def _reason(state: State) -> str:
    return "; ".join(dict.fromkeys(move.patch.reason for move in state.moves))


class _Guards(Prefab, frozen=True):
    mending: "Mending"

    @property
    def name(self) -> str:
        return "guards"

    def judge(self, change: State, ask: Ask) -> Verdict:
        found = violations(self.mending.files, change.files, self.mending.plan.allow)
        return Verdict(not found, "; ".join(one.message for one in found) or "it does no less than before")


class _Builds(Prefab, frozen=True):
    mending: Mending

    @property
    def name(self) -> str:
        return "check"

    def judge(self, change: State, ask: Ask) -> Verdict:
        checked = self.mending.senses(ask).check(change.files, "the patch")
        left = len(self.mending.plan.targets(checked))
        text = f"it builds, and {left} lints are left" if left else "it builds"
        return Verdict(self.mending.good(checked), text if checked.builds else "it does not build")


class _Tests(Prefab, frozen=True):
    mending: Mending

    @property
    def name(self) -> str:
        return "tests"

    def judge(self, change: State, ask: Ask) -> Verdict:
        tested = self.mending.senses(ask).test(change.files)
        self.mending.tested[content_key(change.files)] = tested
        if not tested.ok:
            self.mending.refused.append((change, tested))
        return Verdict(tested.ok, told_tests(tested))
