"""Mends a Rust workspace: the episode whose proposer is the patch tree search and whose gates are guards and tests."""

from collections.abc import Generator, Mapping

from ducktools.classbuilder.prefab import Prefab

from tars.core.values import Json
from tars.episode.budget import Budget, Meter
from tars.episode.journal import Journalled
from tars.episode.loop import replay_episode, run_episode
from tars.episode.values import DevLog, Ended, Status, Step
from tars.rust.checking.checkers import Checkers
from tars.rust.mending.episode import Mending, Offer, Options
from tars.rust.mending.looks import Looks, content_key
from tars.rust.mending.success import keep_tally
from tars.rust.mending.tree import Move, State
from tars.rust.syntax.edits import Hunk
from tars.rust.values import Change, Checked, RustDiagnostic, Tested

Files = Mapping[str, bytes]


class Standing(Prefab, frozen=True):
    """A point of the Pareto front: the errors that are left, the tests that pass (None: not run), the lines changed."""

    errors: int
    tests_passed: int | None
    lines: int


class Mended(Prefab, frozen=True):
    """What came of a mend: `hunks`, to the files that were given, are the accepted patch; there are none where nothing
    was accepted. `moves` are the patches that it consists of; each hunk names those that it comes from by their
    number."""

    status: Status
    log: DevLog
    hunks: tuple[Hunk, ...] = ()
    moves: tuple[Move, ...] = ()
    lines: int = 0
    before: Checked | None = None
    """What was wrong; None where not even that could be found out in time."""
    left: tuple[RustDiagnostic, ...] = ()
    """What is not mended: by the patch, of lints, or in the state that came nearest."""
    tested: Tested | None = None
    """What the tests find with the patch; None where they were not asked."""
    tested_before: Tested | None = None
    """What the tests found before, where it built; where nothing was accepted, with what comes nearest."""
    front: tuple[Standing, ...] = ()
    offers: tuple[Offer, ...] = ()
    """What would build if a guard were lifted."""
    nearest: tuple[Change, ...] = ()
    """Where nothing was accepted: what comes nearest, with fewer errors than before. It is not proven, nor kept."""
    faults: tuple[str, ...] = ()
    """What of TARS itself broke down on the way: mistakes of ours, to be reported."""

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(hunk.change for hunk in self.hunks)


def mend(
    files: Files, checkers: Checkers, options: Options, meter: Meter, journal: Journalled | None = None
) -> Generator[Step, None, Mended]:
    """Yields the steps as they happen and returns what came of it. Nothing is written but entries of the journal: one
    when it begins and one when it ends, and what is to be learnt from it.

    Closing the generator ends what runs. Raises `UnavailableError` where a tool that is needed is not on this machine.
    """
    with Looks(checkers, meter, options.lints) as looks:
        mending = Mending(files, looks, options)
        try:
            ended = yield from run_episode(mending.case(), meter, journal)
        except BaseException:
            checkers.cancel()
            raise
    if journal is not None:
        keep_tally(journal, mending.tried(), [(move.patch.producer, move.code) for move in _moves(ended)])
    return _mended(mending, ended)


def replay(files: Files, options: Options, budget: Budget, recording: list[Json]) -> Generator[Step, None, Mended]:
    """As `mend`, answered from the recording of an episode on the same files with the same options: no tool is run.

    Raises `TarsError` where another question is put than was recorded.
    """
    mending = Mending(files, None, options)
    ended = yield from replay_episode(mending.case(), budget, recording)
    return _mended(mending, ended)


def _moves(ended: Ended[State]) -> tuple[Move, ...]:
    if ended.proposal is None:
        return ()
    state = ended.proposal.change
    used = frozenset[int]().union(*(hunk.patches for hunk in state.hunks))
    return tuple(move for number, move in enumerate(state.moves) if number in used)


def _mended(mending: Mending, ended: Ended[State]) -> Mended:
    front = mending.search.front if mending.search is not None else []
    targets = mending.plan.targets
    faults = tuple(dict.fromkeys(mending.search.faults)) if mending.search is not None else ()
    standings = []
    for one in front:
        tested = mending.tested.get(content_key(one.files))
        standings.append(Standing(len(targets(one.checked)), len(tested.passed) if tested else None, one.lines))
    if ended.proposal is not None:
        state = ended.proposal.change
        return Mended(
            ended.status, ended.log, state.hunks, state.moves, state.lines, mending.before,
            tuple(targets(state.checked)), mending.tested.get(content_key(state.files)),
            mending.tested.get(content_key(mending.files)), tuple(standings), faults=faults,
        )  # fmt: skip
    nearest = mending.search.nearest if mending.search is not None else None
    left = targets(nearest.checked) if nearest is not None else []
    better = nearest is not None and mending.before is not None and len(left) < len(targets(mending.before))
    changes = tuple(hunk.change for hunk in nearest.hunks) if nearest is not None and better else ()
    tested = mending.tested.get(content_key(nearest.files if nearest is not None else mending.files))
    return Mended(
        ended.status, ended.log, before=mending.before, left=tuple(left), nearest=changes, tested_before=tested,
        front=tuple(standings),
        offers=tuple(mending.offers), faults=faults,
    )  # fmt: skip
