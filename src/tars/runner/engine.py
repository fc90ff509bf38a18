"""The seam of engines: where a run's modules are executed, other than by threads of this process."""

from collections.abc import Callable
from threading import Event as Flag
from typing import Final, Protocol

from tars.core.plugins import Seam
from tars.runner.events import Event
from tars.runner.execute import Done, Emit, Place, Task


class Engine(Protocol):
    """Executes the modules of a run elsewhere. What comes back is what `execute` would have left here: the same events,
    the objects in this project's store, the outputs in their places."""

    @property
    def name(self) -> str: ...

    def connect(self) -> tuple[int, list[Event]]:
        """Makes ready; how many modules can run at once, and what the user should know.

        Raises `UnavailableError` where it cannot be had. Called once for each run, from the run's own thread.
        """
        ...

    def execute(self, task: Task, place: Place, emit: Emit, cancel: Flag) -> Done:
        """Runs a module to its end, as `tars.runner.execute.execute` does. Called from several threads at once; never
        raises for what the module, a machine or the network does."""
        ...


LAST_ACTS: Final[list[Callable[[], None]]] = []
"""What engines whose libraries cannot be ended any more leave to be done: where there is anything, the command does it
and ends its process at once, instead of letting those libraries wait or crash at Python's own end."""

ENGINES: Final[Seam[Engine]] = Seam("engine of runs", "tars.runner.engines", "tars.run_engines")
