"""Shows an episode while it goes on: a short live timeline on a terminal, a line for each step elsewhere."""

import sys
import threading
from collections.abc import Callable, Generator
from time import monotonic
from typing import TypeVar

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.episode.values import State, Step
from tars.ui.cli.console import Console
from tars.ui.cli.display.board import seconds_text
from tars.ui.cli.printable import printable, shortened

T = TypeVar("T")
SHOWN = (State.SENSE, State.PLAN, State.PROBE, State.PROPOSE, State.VALIDATE)
_COUNTED = {State.PROBE: "probe", State.PROPOSE: "proposal"}
_ASKING = {
    State.SENSE: State.PROBE, State.PLAN: State.PROBE, State.ROLLBACK: State.PROBE, State.PROPOSE: State.VALIDATE,
    State.VALIDATE: State.VALIDATE,
}  # fmt: skip
"""For what tools are asked once a state is left."""
_TEXT_MAX = 300


class Timeline(Prefab):
    """What there is to show: for each state how many steps it had, the last of them, and how long they took.

    What was asked in order to sense or to validate counts as time of that; `current` is what goes on now.
    """

    counts: dict[State, int] = attribute(default_factory=dict)
    last: dict[State, str] = attribute(default_factory=dict)
    seconds: dict[State, float] = attribute(default_factory=dict)
    current: State = State.SENSE
    _before: float = 0.0
    _asking: State = State.SENSE

    def apply(self, step: Step) -> None:
        state = step.state
        self.counts[state] = self.counts.get(state, 0) + 1
        self.last[state] = _shown(step)
        self._asking = _ASKING.get(state, self._asking)
        self.current = self._asking if state in _ASKING or state is State.PROBE else state
        charged = self._asking if state is State.PROBE else state
        self.seconds[charged] = self.seconds.get(charged, 0.0) + step.seconds - self._before
        self._before = step.seconds

    def text(self, state: State) -> str:
        """What is shown of a state."""
        count, noun = self.counts.get(state, 0), _COUNTED.get(state)
        many = f"{count} {noun}{'s' if count > 1 else ''}, last: " if noun and count > 1 else ""
        return many + self.last.get(state, "")


def watch(steps: Generator[Step, None, T], console: Console) -> T:
    """Consumes the steps, shows them as the console is, and returns what the episode returns. The episode is closed on
    every way out."""
    try:
        if console.json or console.quiet:
            return _follow(steps, lambda step: None)
        if console.is_terminal:
            return _live(steps, console)
        return _follow(steps, lambda step: console.note(line_of(step)))
    finally:
        steps.close()


def line_of(step: Step) -> str:
    """A step as one line."""
    return f"{step.seconds:7.2f} s  {step.state.value:9} {_shown(step)}"


def _shown(step: Step) -> str:
    """Its text in one line, whatever names and tools put into it."""
    return shortened(printable(" ".join(step.text.split())), _TEXT_MAX)


def _follow(steps: Generator[Step, None, T], show: Callable[[Step], None]) -> T:
    while True:
        try:
            show(next(steps))
        except StopIteration as end:
            result: T = end.value
            return result


def _live(steps: Generator[Step, None, T], console: Console) -> T:
    from rich.console import Console as RichConsole  # noqa: PLC0415 - only a terminal needs rich
    from rich.live import Live  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    timeline, lock, began = Timeline(), threading.RLock(), monotonic()
    screen = RichConsole(stderr=True, color_system="auto" if console.color_err else None, highlight=False)
    marks = ("✓", ">") if (sys.stderr.encoding or "").lower().replace("-", "") in ("utf8", "cp65001") else ("+", ">")

    def frame(*, over: bool = False) -> Table:
        with lock:
            grid = Table.grid(padding=(0, 1), expand=True)
            for width in (1, 8, 7):
                grid.add_column(no_wrap=True, width=width)
            grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
            for state in SHOWN:
                if state in timeline.counts or state is timeline.current:
                    now = state is timeline.current and not over
                    taken = timeline.seconds.get(state, 0.0)
                    mark = Text(marks[1], style="bold cyan") if now else Text(marks[0], style="green")
                    grid.add_row(
                        mark, Text(state.value), Text(seconds_text(taken), style="dim"), Text(timeline.text(state))
                    )
            if not over:
                grid.add_row(Text(""), Text(""), Text(seconds_text(monotonic() - began), style="dim"), Text(""))
            return grid

    def show(step: Step) -> None:
        with lock:
            timeline.apply(step)

    with Live(console=screen, get_renderable=frame, refresh_per_second=8, transient=True):
        result = _follow(steps, show)
    screen.print(frame(over=True))
    return result
