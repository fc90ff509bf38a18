"""The live display of a run on a terminal: a table of modules with state, time and last line, and the counts."""

import sys
import threading
from collections.abc import Iterable
from itertools import islice
from time import monotonic

from rich.console import Console as RichConsole
from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tars.runner.events import Event, ModuleFinished, Notice, Status
from tars.ui.cli.console import Console
from tars.ui.cli.display.board import Active, Board, seconds_text
from tars.ui.cli.display.plain import state_line
from tars.ui.cli.display.summary import WORDS
from tars.ui.cli.printable import shortened

FRAMES_PER_SECOND = 8
_MARKS = {
    Status.SUCCEEDED: ("✓", "+", "green"),
    Status.CACHED: ("≡", "=", "dim"),
    Status.FAILED: ("✗", "x", "bold red"),
    Status.UNAVAILABLE: ("!", "!", "bold yellow"),
    Status.SKIPPED: ("-", "-", "dim"),
    Status.CANCELLED: ("-", "-", "yellow"),
}


def show_live(events: Iterable[Event], console: Console) -> Board:
    board = Board()
    lock = threading.RLock()  # a signal's message is printed by the thread that may be holding it
    unicode = _speaks_unicode()
    screen = RichConsole(stderr=True, color_system="auto" if console.color_err else None, highlight=False)

    def frame() -> RenderableType:
        with lock:
            return render(board, screen, monotonic(), unicode=unicode)

    with Live(console=screen, get_renderable=frame, refresh_per_second=FRAMES_PER_SECOND, transient=True) as live:
        for event in events:
            with lock:
                board.apply(event, monotonic())
            if isinstance(event, Notice):
                live.console.print(_plain(state_line(event, board, console)))
    if 0 < len(board.modules) <= 40 and board.end is not None:
        screen.print(_table([_finished_row(board, board.finished[a], unicode) for a in _shown(board)], screen.width))
    return board


def render(board: Board, screen: RichConsole, now: float, *, unicode: bool) -> RenderableType:
    """One frame: the modules that run now (all modules where they fit), and one line of counts with a bar.

    Never higher than the screen, however many modules there are.
    """
    room = max(screen.height - 3, 3)
    active = [_active_row(board, address, state, now) for address, state in islice(board.active.items(), room)]
    recent = list(board.finished.values())[-(room - len(active)) :] if len(active) < room else []
    rows = [_finished_row(board, result, unicode) for result in recent] + active
    waiting = len(board.modules) - board.done - len(board.active)
    counts = [f"{number} {WORDS[status]}" for status, number in board.counts.items()]
    counts.append(f"{len(board.active)} running")
    counts += [f"{waiting} waiting"] if waiting > 0 else []
    line = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=max(len(board.modules), 1), completed=board.done, width=min(30, screen.width // 4))
    line.add_row(
        bar, Text(f"{board.done}/{len(board.modules)}  " + ", ".join(counts), no_wrap=True, overflow="ellipsis")
    )
    return Group(_table(rows, screen.width), line)


def _shown(board: Board) -> list[str]:
    return [address for address in board.modules if address in board.finished]


def _table(rows: list[tuple[Text, ...]], width: int) -> Table:
    grid = Table.grid(padding=(0, 1), expand=True)  # else rich takes from all columns what the last one is too long
    grid.add_column(no_wrap=True, width=1)
    grid.add_column(no_wrap=True, overflow="ellipsis", max_width=max(width // 3, 12))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for row in rows:
        grid.add_row(*row)
    return grid


def _active_row(board: Board, address: str, state: Active, now: float) -> tuple[Text, ...]:
    phase = state.phase if state.fraction is None else f"{state.phase} {state.fraction * 100:.0f}%"
    phase += f" (attempt {state.attempt})" if state.attempt > 1 else ""
    return (
        Text(">", style="bold cyan"),
        Text(board.label(address)),
        Text(phase, style="cyan"),
        Text(seconds_text(max(now - state.since, 0.0))),
        Text(shortened(state.last.expandtabs(4), 400), style="dim"),
    )


def _finished_row(board: Board, result: ModuleFinished, unicode: bool) -> tuple[Text, ...]:
    mark, ascii_mark, style = _MARKS[result.status]
    note = result.error or result.why
    return (
        Text(mark if unicode else ascii_mark, style=style),
        Text(board.label(result.address)),
        Text(WORDS[result.status], style=style),
        Text(seconds_text(result.seconds) if result.seconds else ""),
        _plain(shortened(note.partition("\n")[0], 400)),
    )


def _plain(text: str) -> Text:
    return Text.from_ansi(text) if "\x1b" in text else Text(text)


def _speaks_unicode() -> bool:
    return (sys.stderr.encoding or "").lower().replace("-", "") in ("utf8", "cp65001")
