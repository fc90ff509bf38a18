"""`tarscli run --watch`: run, wait until a file of the project changes, run again, until Ctrl-C."""

import queue
import threading
from collections.abc import Callable, Iterator

from tars.core.errors import InputError, TarsError
from tars.lang.meaning.load import load
from tars.runner.events import Event, Options
from tars.runner.run import run
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.watch import changes
from tars.ui.cli.console import Console
from tars.ui.cli.display.progress import show_run
from tars.ui.cli.findings import show_input_error
from tars.ui.cli.interrupts import interrupts
from tars.ui.cli.printable import printable

SHOWN_MAX = 3
INTERRUPTED = 130
POLL_SECONDS = 0.2
Trace = Callable[[Iterator[Event]], Iterator[Event]]


def run_watching(options: Options, console: Console, file: str, trace: Trace) -> int:
    """Run again after every burst of changes. Changes during a run are not lost: they cause the next one.

    Each run's events are sent through `trace`.

    Ends by Ctrl-C alone, with its exit code; a run that fails is shown, and the next change is waited for all the same.
    """
    stop = threading.Event()
    bursts: queue.SimpleQueue[frozenset[str]] = queue.SimpleQueue()
    ignored = outputs_of(options)

    def listen() -> None:
        for burst in changes(options.project, ignored=ignored, stop=stop):
            bursts.put(burst)

    threading.Thread(target=listen, name="watch", daemon=True).start()
    try:
        # One handler for all of it: an exception that came between two runs could be lost in a finaliser.
        with interrupts(console) as cancel:
            while not cancel.is_set():
                _run_and_show(options, console, file, trace, cancel)
                if not cancel.is_set():
                    console.note(f"Watching {options.project}; Ctrl-C ends it")
                changed = sorted(_next(bursts, cancel))
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


def _run_and_show(options: Options, console: Console, file: str, trace: Trace, cancel: threading.Event) -> None:
    try:
        show_run(trace(run(options, cancel)), console, file)
    except InputError as error:
        show_input_error(error, console)
    except TarsError as error:
        console.error(error)


def _next(bursts: "queue.SimpleQueue[frozenset[str]]", cancel: threading.Event) -> frozenset[str]:
    """All that has changed since the last call; waits for the first change, or for the interrupt."""
    while not cancel.is_set():
        try:
            found = bursts.get(timeout=POLL_SECONDS)
        except queue.Empty:
            continue
        return found.union(*_waiting(bursts))
    return frozenset()


def _waiting(bursts: "queue.SimpleQueue[frozenset[str]]") -> Iterator[frozenset[str]]:
    while True:
        try:
            yield bursts.get_nowait()
        except queue.Empty:
            return
