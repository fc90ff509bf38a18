"""What the search thinks of states and patches before and after it has checked them: all its numbers stand here.

Costs are like negative logarithms of chances: they add up along a path, and the smallest sum is tried first.
"""

import math
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from ducktools.classbuilder.prefab import replace

from tars.rust.values import Kind, Patch, RustDiagnostic

Success: TypeAlias = Callable[[str, str], float]
"""A weight for a producer's patches for a code, from what came of them so far; 1.0 where nothing is known."""

_PHASES = {
    Kind.SYNTAX: 0,
    Kind.RESOLVE: 1,
    Kind.VISIBILITY: 1,
    Kind.OTHER: 1,
    Kind.TYPE: 2,
    Kind.TRAIT: 2,
    Kind.LIFETIME: 3,
    Kind.BORROW: 3,
    Kind.MOVE: 3,
    Kind.LINT: 4,
}
DONE = 5
"""The phase of a state without errors."""


def phase_of(errors: Sequence[RustDiagnostic]) -> int:
    """How far the compiler came: later phases are reached only when the earlier ones find nothing."""
    return min((_PHASES[one.kind] for one in errors), default=DONE)


def left_cost(errors: int, phase: int) -> float:
    """What is likely still to come where so many errors are left: the first ones count most, since many errors often
    have one cause, and every phase that was not reached may hide some."""
    if not errors:
        return 0.0
    return min(errors, 2) + 0.25 * min(max(errors - 2, 0), 12) + 0.1 * max(errors - 14, 0) + 0.3 * (4 - min(phase, 4))


_TYPED = 2
"""The phase in which types are judged: what is said of it beside errors of an earlier one often only follows."""


class _Move(Protocol):
    @property
    def phase(self) -> int: ...


def ahead_cost(errors: Sequence[RustDiagnostic], moves: Sequence[_Move], phase: int) -> float:
    """What is likely still to come once these moves have mended an error each."""
    first = phase_of(errors)
    alone = first < _TYPED and all(one.phase == first for one in moves)
    left = sum(phase_of([one]) == first for one in errors) if alone else len(errors)
    return left_cost(left - len(moves), phase)


def patch_cost(chance: float, characters: int) -> float:
    """The smaller, the likelier that a patch is right: by its chance, and because small ones are right more often."""
    return -math.log(min(max(chance, 0.01), 0.99)) + 0.01 * min(characters, 100)


def bundle_cost(costs: Sequence[float]) -> float:
    """Independent patches applied together: one check tells about all, so the average counts, and a little more."""
    return 1.1 * sum(costs) / len(costs)


COST_MAX = 7.0
"""Where a path costs more, its chance is below one in a thousand."""


def proven_cost(cost: float, *, further: bool) -> float:
    """What a patch costs once it was checked: less where it brought the files further (a later phase, or fewer errors),
    more where it only put one error in the place of another."""
    return 0.4 * cost if further else cost + 0.7


_MANY = 8
"""So many errors seldom have as many causes."""
HELD = 0.9
"""As sure as a remembered mend is that was applied here for the same mistake."""


def held_before(patches: Sequence[Patch]) -> bool:
    """Whether all of it mended the same mistakes here before, and was applied: then no other mend is looked for, and
    none of its parts is doubted, so that the same mistake costs fewer probes the second time."""
    return all(one.producer == "memory" and one.confidence >= HELD for one in patches)


def is_guess(patch: Patch) -> bool:
    """Whether a patch only takes back a slip that somebody may have made there: it is tried by itself, and gone on from
    only where it brought the files further."""
    return patch.producer.startswith("rule:slip_")


def agreed(patch: Patch, times: int) -> Patch:
    """A guess, surer where it is made for several diagnostics."""
    return replace(patch, confidence=min(patch.confidence * min(times, 4), 0.7)) if times > 1 else patch


def guess_cost(depth: int, errors: int = 1) -> float:
    """What the likeliest guess costs after so many patches: guesses are made, which may ask for types, where nothing
    cheaper is left. On the way to somewhere they are worth less than another beginning; of many errors one slip in a
    declaration is likelier the cause than as many where it is used."""
    return 2.2 if depth else 1.2 if errors < _MANY else 0.3


def preference(cost: float, lines: int, characters: int, *, tests: bool) -> float:
    """Which of several solutions is to be taken: the one with the smallest sum of what speaks against it. Counted on
    mended programs, characters tell more than lines of what was meant. Who wrote the tests knew what they want, so what
    changes `tests` too comes last.
    """
    return cost + 0.2 * lines + 0.01 * characters + (1.0 if tests else 0.0)
