"""What is asked of a jail and what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

SECONDS: Final = 10.0
MEMORY_BYTES: Final = 1 << 30
ANSWER_BYTES: Final = 1 << 20
PROCESSES: Final = 64


@dataclass(frozen=True, slots=True)
class Job:
    """Call `entry` of the source once for each of `calls`, which are lists of arguments."""

    source: str
    entry: str
    calls: Sequence[Sequence[Any]]
    seed: int = 0
    seconds_max: float = SECONDS
    memory_bytes_max: int = MEMORY_BYTES
    answer_bytes_max: int = ANSWER_BYTES
    stays: bool = False
    """Whether a warm worker may ask the same process again for the same source: for what judges, never candidates."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers, one for each call; or `fault` (`error`, `exit`, `timeout`, `memory`, `output`, `worker`) and what
    was said of it. `seconds` were measured outside of the candidate's process."""

    answers: tuple[Any, ...] = ()
    seconds: float = 0.0
    fault: str = ""
    text: str = ""


class Jail(Protocol):
    """Runs one job at a time; whatever the job does, this returns."""

    def run(self, job: Job) -> Answered: ...
    def close(self) -> None: ...
