"""What can go wrong between TARS and a model.

EngineError              the server cannot be reached, refuses, breaks off, or answers with what is no answer
AnswerError              the model's answer is not what was asked for, and cannot be made it
OverBudgetError          a further question would go beyond what may be spent
"""

from tars.core.errors import TarsError


class EngineError(TarsError):
    """`passing` tells that the same question may succeed later; `status` is the HTTP status, 0 where there is none;
    `wait_seconds` is how long the server asks to be left alone."""

    def __init__(
        self, message: str, *, hint: str = "", passing: bool = False, status: int = 0, wait_seconds: float = 0.0
    ) -> None:
        super().__init__(message, hint=hint)
        self.passing = passing
        self.status = status
        self.wait_seconds = wait_seconds


class AnswerError(TarsError):
    """`place` says where in the answer: a line and column of its text, or a JSON pointer into its value."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(f"{place}: {message}", hint="ask again, or another model")
        self.place = place
        self.reason = message


class OverBudgetError(TarsError):
    pass
