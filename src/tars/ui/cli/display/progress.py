"""Shows a run while it happens: live on a terminal, as plain lines elsewhere, as JSON lines with `--json`."""

from collections.abc import Iterable, Iterator
from time import monotonic

from tars.runner.events import Event
from tars.ui.cli.console import Console
from tars.ui.cli.display.board import Board
from tars.ui.cli.display.plain import show_plain
from tars.ui.cli.display.summary import exit_code, show_summary


def show_run(events: Iterator[Event], console: Console, file: str = "") -> int:
    """Consume the events, show them as the console is, print the summary, and return the exit code.

    The events are closed on every way out, so that the run ends its children when the display fails.
    """
    try:
        if console.json:
            from tars.ui.cli.display.eventlines import show_json  # noqa: PLC0415 - as rich below

            board = show_json(events, console)
        elif console.quiet:
            board = _show_nothing(events)
        elif console.is_terminal:
            from tars.ui.cli.display.live import show_live  # noqa: PLC0415 - loads rich, which only a terminal needs

            board = show_live(events, console)
        else:
            board = show_plain(events, console)
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()
    if console.quiet and board.failures:
        project, console = console.project, Console(console.command, json=console.json)
        console.project = project  # failures are shown, however quiet
    show_summary(board, console, file)
    return exit_code(board.end, board.counts)


def _show_nothing(events: Iterable[Event]) -> Board:
    board = Board()
    for event in events:
        board.apply(event, monotonic())
    return board
