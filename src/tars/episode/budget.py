"""What an episode may use up, and what it has used."""

from collections.abc import Callable
from time import monotonic

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError
from tars.episode.values import Size


class Budget(Prefab, frozen=True):
    """The limits of one episode; files and lines are those that an accepted change may touch."""

    probes_max: int = 400
    files_max: int = 20
    lines_max: int = 200
    seconds_max: float = 60.0

    def refusal(self, size: Size) -> str:
        """Why a change of that size is not to be tried; empty where it may be."""
        if size.files > self.files_max:
            return f"it touches {size.files} files, and the budget allows {self.files_max}"
        if size.lines > self.lines_max:
            return f"it changes {size.lines} lines, and the budget allows {self.lines_max}"
        return ""


class OverBudgetError(TarsError):
    """A budget is used up; the episode abstains and says so."""


class Meter:
    """Counts what is used. Seconds are those of `clock` since the meter was made."""

    def __init__(self, budget: Budget, clock: Callable[[], float] = monotonic) -> None:
        self.budget = budget
        self.probes = 0
        self.seconds_kept_back = 0.0
        """What is not to be used up now, since something has yet to be proven in it."""
        self._clock = clock
        self._begun = clock()

    def seconds(self) -> float:
        return self._clock() - self._begun

    def seconds_left(self) -> float:
        return self.budget.seconds_max - self.seconds() - self.seconds_kept_back

    def count_probe(self) -> None:
        """Raises `OverBudgetError` where one more is not allowed."""
        if self.probes >= self.budget.probes_max:
            raise OverBudgetError(
                f"the budget of {self.budget.probes_max} probes is used up", hint="allow more with `--budget`"
            )
        if self.seconds_left() <= 0:
            raise out_of_time(self.budget)
        self.probes += 1


def out_of_time(budget: Budget, running: str = "") -> OverBudgetError:
    """For a probe that was not answered before the deadline; `running` is what it was waiting for, where known."""
    when = f" while {running} was running" if running else ""
    return OverBudgetError(
        f"the budget of {budget.seconds_max:g} seconds is used up{when}", hint="allow more with `--budget`"
    )
