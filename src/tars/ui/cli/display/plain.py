"""Shows a run as plain lines, for a pipe, a log or a dumb terminal."""

from collections.abc import Iterable
from time import monotonic

from tars.runner.events import (
    Event,
    ModuleFinished,
    ModuleOutput,
    ModuleRetry,
    ModuleStarted,
    Notice,
    RunStarted,
    Status,
)
from tars.ui.cli.console import Console
from tars.ui.cli.display.board import Board, seconds_text
from tars.ui.cli.display.summary import STYLES, WORDS
from tars.ui.cli.lines import Lines
from tars.ui.cli.printable import one_line, printable

SHOWN_BYTES_MAX = 1 << 20
"""How much of one module's output is shown; its log holds more."""
_PHASES = {"prepare": "preparing", "build": "building", "run": "running"}


def show_plain(events: Iterable[Event], console: Console) -> Board:
    """Print each event as it comes, on stderr, and return the state at the end."""
    board = Board()
    streams: dict[tuple[str, str], Lines] = {}
    shown: dict[str, int] = {}
    for event in events:
        board.apply(event, monotonic())
        if isinstance(event, ModuleOutput):
            _output(event, board, console, streams, shown)
            continue
        if isinstance(event, ModuleFinished):
            for stream in ("stdout", "stderr"):
                lines = streams.pop((event.address, stream), None)
                for line in lines.finish() if lines else ():
                    console.note(f"{board.label(event.address)} | {line}")
            shown.pop(event.address, None)
        text = state_line(event, board, console)
        if text:
            console.note(text)
    return board


def state_line(event: Event, board: Board, console: Console) -> str:
    """One line for a change of state, or nothing for what deserves none."""
    if isinstance(event, RunStarted):
        count = len(event.modules)
        return f"Run {event.run}: {count} module{'' if count == 1 else 's'}, {event.jobs} at once"
    if isinstance(event, Notice):
        hint = f" ({printable(event.hint)})" if event.hint else ""
        return f"{console.styled('Note:', 'warning')} {printable(event.message)}{hint}"
    if isinstance(event, ModuleStarted):
        words = [f"{board.label(event.address)}: {_PHASES[event.phase]}"]
        words += [f"attempt {event.attempt}"] if event.attempt > 1 else []
        words += [f"in {event.sandbox}"] if event.sandbox else []
        return ", ".join(words) + (f": {one_line(event.why)}" if event.why else "")
    if isinstance(event, ModuleRetry):
        wait = seconds_text(event.wait_seconds)
        return (
            f"{board.label(event.address)}: attempt {event.attempt} failed, again in {wait}: {printable(event.error)}"
        )
    if isinstance(event, ModuleFinished):
        return _finished_line(event, board, console)
    return ""


def _finished_line(event: ModuleFinished, board: Board, console: Console) -> str:
    word = console.styled(WORDS[event.status], STYLES[event.status])
    label = board.label(event.address)
    if event.status is Status.SUCCEEDED:
        return f"{label}: {console.styled('done', 'good')} in {seconds_text(event.seconds)}"
    if event.status is Status.CACHED:
        return f"{label}: {word}" + (f": {one_line(event.why)}" if event.why else "")
    if event.status is Status.UNAVAILABLE:
        return f"{label}: {word}"  # the summary says what it lacks, with the command that installs it
    reason = event.error or event.why
    return f"{label}: {word}" + (f": {printable(reason)}" if reason else "")


def _output(
    event: ModuleOutput,
    board: Board,
    console: Console,
    streams: dict[tuple[str, str], Lines],
    shown: dict[str, int],
) -> None:
    before = shown.get(event.address, 0)
    if before > SHOWN_BYTES_MAX:
        return
    label = board.label(event.address)
    shown[event.address] = before + len(event.data)
    lines = streams.setdefault((event.address, event.stream), Lines(0))
    for line in lines.feed(event.data[: SHOWN_BYTES_MAX - before + 1]):
        console.note(f"{label} | {line}")
    if shown[event.address] > SHOWN_BYTES_MAX:
        console.note(f"{label} | … more than 1 MiB; `tarscli logs {label}` shows more of it")
