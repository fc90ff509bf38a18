"""`tarscli run --watch`: run, wait until a file of the project changes, run again, until Ctrl-C."""

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tars.core.errors import InputError, TarsError
from tars.lang.meaning.load import load
from tars.runner.again import Again
from tars.runner.events import Event, Options
from tars.runner.run import run
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.watch import changes, matters, until_heard
from tars.ui.cli.console import Console
from tars.ui.cli.display.progress import show_run
from tars.ui.cli.findings import show_input_error
from tars.ui.cli.interrupts import interrupts
from tars.ui.cli.printable import printable

SHOWN_MAX = 3
INTERRUPTED = 130
POLL_SECONDS = 0.2
Trace = Callable[[Iterator[Event]], Iterator[Event]]


class Seen:
    """The changes that were seen and not yet answered: by a restart in the run that goes on, or by the next run."""

    def __init__(self) -> None:
        self.bursts: queue.SimpleQueue[frozenset[str]] = queue.SimpleQueue()
        self.ignored: frozenset[str] = frozenset()
        self.heard = threading.Event()
        self.fault = ""
        """Why nothing is seen any more."""

    def listen(self, project: Path, stop: threading.Event) -> None:
        """Takes note of changes until `stop` is set; runs in a thread of its own."""
        try:
            for burst in changes(project, stop=stop, heard=self.heard):
                found = frozenset(path for path in burst if matters(path, self.ignored))
                if found:
                    self.bursts.put(found)
        except (OSError, RuntimeError) as error:
            self.fault = str(error) or type(error).__name__
            self.heard.set()

    def take(self) -> frozenset[str]:
        """All that has changed since the last call; never waits."""
        return frozenset().union(*_waiting(self.bursts))

    def put_back(self, paths: frozenset[str]) -> None:
        self.bursts.put(paths)

    def wait(self, cancel: threading.Event) -> frozenset[str]:
        """All that has changed since the last call; waits for the first change, or for the interrupt.

        Raises `TarsError` where the system tells of no more changes.
        """
        while not cancel.is_set():
            if self.fault:
                hint = "raise `fs.inotify.max_user_watches`, or set WATCHFILES_FORCE_POLLING=true to do without"
                raise TarsError(f"the project's files cannot be watched: {self.fault}", hint=hint)
            try:
                found = self.bursts.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            return found | self.take()
        return frozenset()


def run_watching(options: Options, console: Console, file: str, trace: Trace) -> int:
    """Run again after every burst of changes. A change during a run restarts what it touches and what needs that.

    Each run's events are sent through `trace`.

    Ends by Ctrl-C alone, with its exit code; a run that fails is shown, and the next change is waited for all the same.
    """
    stop, seen = threading.Event(), Seen()
    threading.Thread(target=seen.listen, args=(options.project, stop), name="watch", daemon=True).start()
    if not until_heard(options.project, seen.heard):
        console.note(
            f"{options.project}: its file system tells of no changes; WATCHFILES_FORCE_POLLING=true looks itself"
        )
    try:
        # One handler for all of it: an exception that came between two runs could be lost in a finaliser.
        with interrupts(console) as cancel:
            while not cancel.is_set():
                seen.ignored = outputs_of(options)
                _run_and_show(lambda: trace(run(options, cancel, Again(seen))), console, file)
                if not cancel.is_set():
                    console.note(f"Watching {options.project}; Ctrl-C ends it")
                changed = sorted(seen.wait(cancel))
                if not changed:
                    break
                more = f" and {len(changed) - SHOWN_MAX} more" if len(changed) > SHOWN_MAX else ""
                console.note(f"\nChanged: {printable(', '.join(changed[:SHOWN_MAX]))}{more}")
    except KeyboardInterrupt:
        pass  # The second Ctrl-C, while a run was being ended.
    finally:
        stop.set()
    console.note("Stopped watching")
    return INTERRUPTED


def outputs_of(options: Options) -> frozenset[str]:
    """What runs of the metascript write, as far as it can be read now: the output folder, outputs and artifacts."""
    loaded = load(
        options.path,
        project=options.project,
        languages=TOOLCHAINS.names(),
        variables=options.variables,
        sandboxes=SANDBOXES.names(),
    )
    if loaded.metascript is None:
        return frozenset({"output"})
    written = {path for module in loaded.metascript.modules for path in (*module.outputs, module.artifact) if path}
    return frozenset({loaded.metascript.settings.output, *written})


def _run_and_show(events: Callable[[], Iterator[Event]], console: Console, file: str) -> None:
    try:
        show_run(events(), console, file)
    except InputError as error:
        show_input_error(error, console)
    except TarsError as error:
        console.error(error)


def _waiting(bursts: "queue.SimpleQueue[frozenset[str]]") -> Iterator[frozenset[str]]:
    while True:
        try:
            yield bursts.get_nowait()
        except queue.Empty:
            return
