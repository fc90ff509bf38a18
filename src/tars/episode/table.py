"""The state machine of an episode as a table: what may happen in each state, and where it leads."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tars.episode.values import State


class Happening(StrEnum):
    """What ends a state."""

    FINE = "nothing is the matter"
    FOUND = "something is the matter"
    ASKED = "questions were put"
    ANSWERED = "they were answered"
    READY = "a change is thought of"
    EXHAUSTED = "nothing more is thought of"
    PROPOSED = "the change may be tried"
    TOO_LARGE = "the change is larger than the budget allows"
    ACCEPTED = "every gate accepts the change"
    REFUSED = "a gate refuses the change"
    UNDONE = "all is as it was before the change"
    LEARNT = "what the change teaches is known"
    KEPT = "the journal has it"
    STOPPED = "a budget is used up"


TABLE: Final[Mapping[tuple[State, Happening], State]] = {
    (State.SENSE, Happening.FOUND): State.PLAN,
    (State.SENSE, Happening.FINE): State.REMEMBER,
    (State.SENSE, Happening.STOPPED): State.REMEMBER,
    (State.PLAN, Happening.ASKED): State.PROBE,
    (State.PLAN, Happening.READY): State.PROPOSE,
    (State.PLAN, Happening.EXHAUSTED): State.REMEMBER,
    (State.PLAN, Happening.STOPPED): State.REMEMBER,
    (State.PROBE, Happening.ANSWERED): State.PLAN,
    (State.PROPOSE, Happening.PROPOSED): State.VALIDATE,
    (State.PROPOSE, Happening.TOO_LARGE): State.PLAN,
    (State.VALIDATE, Happening.ACCEPTED): State.REFLECT,
    (State.VALIDATE, Happening.REFUSED): State.ROLLBACK,
    (State.VALIDATE, Happening.STOPPED): State.ROLLBACK,
    (State.ROLLBACK, Happening.UNDONE): State.PROBE,
    (State.ROLLBACK, Happening.STOPPED): State.REMEMBER,
    (State.REFLECT, Happening.LEARNT): State.REMEMBER,
    (State.REMEMBER, Happening.KEPT): State.END,
}
"""What is not in it cannot happen."""


def after(state: State, happening: Happening) -> State:
    """The state that follows. What is not in the table is a mistake of ours."""
    assert (state, happening) in TABLE, f"in {state}: {happening}"
    return TABLE[state, happening]
