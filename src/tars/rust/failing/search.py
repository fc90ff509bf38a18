"""Tries the likeliest slips until the tests pass: each alone, the failing tests first, as many at once as there are
checkers."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.rust.checking.libtest import is_documented
from tars.rust.failing.slips import Slip, slips_in
from tars.rust.failing.suspects import suspects
from tars.rust.failing.told import Failure, failures_of
from tars.rust.mending.guards import violations
from tars.rust.mending.senses import Senses
from tars.rust.mending.tree import Move, State
from tars.rust.syntax.edits import composed, lines_changed, patched
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Patch, Tested

Files = Mapping[str, bytes]
CODE: Final = "test"
"""The code of what mends a failing test, where others have that of a diagnostic."""
TRIES_MAX: Final = 300
"""Tests are run for so many changes at most; as many again may be refused by a guard."""
WANTED_MAX: Final = 20
"""So many of the failing tests are run for each change; all are, before it is accepted."""
REFUSED_MAX: Final = 8
_LINE_WEIGHT: Final = 3.0
"""How much likelier a slip is in the line in which a test stopped."""


class _Try(Prefab, frozen=True):
    slip: Slip
    files: Files
    cost: float
    guard: str = ""
    """The only guard that refuses it."""


def slipped(
    base: State, first: Files, tested: Tested, senses: Senses, allow: frozenset[str]
) -> Generator[State | tuple[str, State] | None]:
    """States in which the tests that fail in `base` pass, the likeliest first; None after each try. `first` are the
    files that hunks are relative to. What one guard alone refuses comes last, with its name.

    Raises `OverBudgetError`. A slip of which there are several takes that all make the tests pass is the less sure.
    """
    failures = failures_of(tested)
    # Examples of the documentation are slow, and wait for the whole proof where others fail too.
    wanted = (tuple(one for one in tested.failed if not is_documented(one)) or tested.failed)[:WANTED_MAX]
    if _passes(base.files, "again as it is", wanted, senses):
        # What fails now and then tells nothing of a change.
        return
    ordered = _ordered(base, failures, tested)
    refused: list[_Try] = []
    waiting = _tries(base, ordered, allow, refused)
    ahead = list(islice(waiting, senses.jobs))
    for _ in range(TRIES_MAX):
        if not ahead:
            break
        senses.expect((other.files for other in ahead), wanted)
        one = ahead.pop(0)
        ahead += islice(waiting, 1)
        if not _passes(one.files, one.slip.reason, wanted, senses):
            yield None
            continue
        place = one.slip.change.place
        others = [(slip, cost) for slip, cost in ordered if slip.change.place == place and slip != one.slip]
        agreeing = []
        for rival in _tries(base, others, allow, []):
            yield None
            if _passes(rival.files, rival.slip.reason, wanted, senses):
                agreeing.append(rival.slip.reason)
        yield _state(base, first, one, failures, agreeing)
    for one in refused[:REFUSED_MAX]:
        passes = _passes(one.files, one.slip.reason, wanted, senses)
        yield (one.guard, _state(base, first, one, failures, [])) if passes else None


def _ordered(base: State, failures: Sequence[Failure], tested: Tested) -> list[tuple[Slip, float]]:
    """The slips that may have been made, the likeliest first, with what each costs."""
    files = {path: SourceFile(path, data) for path, data in base.files.items()}
    stopped = {(one.path, one.line) for one in failures}
    found: dict[Change, tuple[float, Slip]] = {}
    for suspect in suspects(files, failures, tested):
        for slip in slips_in(suspect.file, suspect.node, failures):
            place = slip.change.place
            line = suspect.file.data.count(b"\n", 0, place.start) + 1
            chance = slip.chance * suspect.score * (_LINE_WEIGHT if (place.path, line) in stopped else 1.0)
            if slip.change not in found or found[slip.change][0] < chance:
                found[slip.change] = (chance, slip)
    likeliest = sorted(found.values(), key=lambda one: (-one[0], one[1].change.place, one[1].change.text))
    return [(slip, 1.0 - chance) for chance, slip in likeliest[: 2 * TRIES_MAX]]


def _tries(
    base: State, ordered: Sequence[tuple[Slip, float]], allow: frozenset[str], refused: list[_Try]
) -> Iterator[_Try]:
    """The files with each slip taken back, where no guard refuses that; what only one refuses goes to `refused`."""
    for slip, cost in ordered:
        files = patched(base.files, [slip.change])
        guards = {one.guard for one in violations(base.files, files, allow)}
        if not guards:
            yield _Try(slip, files, cost)
        elif len(guards) == 1:
            refused.append(_Try(slip, files, cost, guards.pop()))


def _passes(files: Files, about: str, wanted: Sequence[str], senses: Senses) -> bool:
    found = senses.test(files, wanted, about)
    return found.ok and set(wanted) <= set(found.passed)


def _state(base: State, first: Files, one: _Try, failures: Sequence[Failure], agreeing: Sequence[str]) -> State:
    told = failures[0].text.splitlines()[0] if failures and failures[0].text else ""
    slip = one.slip
    reason = slip.reason + (f" (the tests do not tell it from: {', '.join(agreeing)})" if agreeing else "")
    patch = Patch((slip.change,), reason, slip.chance / (1 + len(agreeing)), "slips", (slip.citation,))
    move = Move(patch, CODE, (CODE, told), one.cost)
    hunks = composed(base.hunks, [(slip.change, len(base.moves))])
    lines = lines_changed(first, one.files)
    return State(one.files, base.checked, hunks, (*base.moves, move), base.cost + one.cost, lines, base.behind)
