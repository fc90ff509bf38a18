"""What may be spent on questions to models, and what was."""

import math
import threading
from collections.abc import Callable
from time import monotonic

from ducktools.classbuilder.prefab import Prefab

from tars.infer.engine import Usage
from tars.infer.errors import OverBudgetError


class Budget(Prefab, frozen=True):
    """The most that may be spent, over all questions together. A retry is a request too."""

    requests_max: int = 50
    tokens_max: int = 200_000
    """Prompts and answers together."""
    seconds_max: float = 300.0
    """The time spent waiting for answers, and pausing because a server asked for it."""


class Purse:
    """Counts what is spent of a budget. May be used from several threads at once."""

    def __init__(self, budget: Budget, clock: Callable[[], float] = monotonic) -> None:
        self.budget = budget
        self.requests = 0
        self.tokens = 0
        self.seconds = 0.0
        self._clock = clock
        self._seconds_left: Callable[[], float] = lambda: math.inf
        self._lock = threading.Lock()

    def end_with(self, seconds_left: Callable[[], float]) -> None:
        """From now on no request may take longer than what is left of something else too."""
        self._seconds_left = seconds_left

    def open_request(self) -> float:
        """Counts one more request; how many seconds it may take. Raises `OverBudgetError` where none is left."""
        with self._lock:
            spent = (
                ("requests", self.requests, self.budget.requests_max),
                ("tokens", self.tokens, self.budget.tokens_max),
                ("seconds", self.seconds, self.budget.seconds_max),
            )
            for unit, used, most in spent:
                if used >= most:
                    raise OverBudgetError(
                        f"the budget for the model is used up: {used:.0f} of {most:.0f} {unit}", hint="allow it more"
                    )
            left = min(self.budget.seconds_max - self.seconds, self._seconds_left())
            if left <= 0:
                raise OverBudgetError("there is no time left for the model", hint="allow more")
            self.requests += 1
            return left

    def wait(self, seconds: float) -> bool:
        """Counts a pause before the next request; False, with nothing counted, where there is not that much time."""
        with self._lock:
            if self.seconds + seconds >= self.budget.seconds_max or seconds >= self._seconds_left():
                return False
            self.seconds += seconds
            return True

    def close_request(self, seconds: float, usage: Usage) -> None:
        """Counts what the request took, whatever came of it."""
        with self._lock:
            self.seconds += seconds
            self.tokens += usage.prompt_tokens + usage.answer_tokens

    def now(self) -> float:
        return self._clock()
