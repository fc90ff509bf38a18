"""What is asked of a jail and what comes back."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from ducktools.classbuilder.prefab import Prefab, attribute

SECONDS: Final = 10.0
MEMORY_BYTES: Final = 1 << 30
ANSWER_BYTES: Final = 1 << 20
PROCESSES: Final = 64


class Tree(Prefab, frozen=True):
    """What a source of several files stands on: `folder` holds the files that never change. `start` is the path of the
    file that is called, `base` of the folder that its imports are looked for in, and `module` the name under which
    Python imports it, empty for a file that is run as it is."""

    folder: Path
    start: str
    base: str = ""
    module: str = ""


class Job(Prefab, frozen=True):
    """Call `entry` of the source once for each of `calls`, which are lists of arguments. `files` are the candidate's
    texts by path where the room has a tree, and `source` is empty then."""

    source: str
    entry: str
    calls: Sequence[Sequence[Any]]
    seed: int = 0
    seconds_max: float = SECONDS
    memory_bytes_max: int = MEMORY_BYTES
    answer_bytes_max: int = ANSWER_BYTES
    stays: bool = False
    """Whether a warm worker may ask the same process again for the same source: for what judges, never candidates."""
    files: Mapping[str, str] = attribute(default_factory=dict)


class Answered(Prefab, frozen=True):
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
