"""The seam of engines: where a run's modules are executed, other than by threads of this process."""

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


ENGINES: Final[Seam[Engine]] = Seam("engine of runs", "tars.runner.engines", "tars.run_engines")
