"""Shows what a run would do, module by module, and why."""

from collections import Counter

from tars.runner.events import Options, Planned
from tars.runner.preview import plan
from tars.ui.cli.console import Console, Style, table_rows, terminal_width
from tars.ui.cli.display.board import labels
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.printable import one_line

_STYLES: dict[str, Style] = {"run": "good", "restore": "place", "cached": "quiet", "unavailable": "warning"}


def show_plan(options: Options, console: Console) -> int:
    """Print the plan on stdout. Returns 3 where modules lack something on this machine, else 0."""
    planned = plan(options)
    console.answer({"plan": [json_value(one) for one in planned]})
    console.write(plan_text(planned, console) if planned else "there is nothing to run")
    counts = Counter(one.action for one in planned)
    parts = [f"{number} to {action}" if action == "run" else f"{number} {action}" for action, number in counts.items()]
    console.note(f"Plan: {len(planned)} module{'' if len(planned) == 1 else 's'} ({', '.join(parts) or 'none'})")
    return 3 if counts["unavailable"] else 0


def plan_text(planned: tuple[Planned, ...], console: Console) -> str:
    short = labels([one.address for one in planned])
    rows = [(one.action, short[one.address], one.language, _needs(one, short), one_line(one.why)) for one in planned]
    lines = table_rows(rows, ("ACTION", "MODULE", "LANGUAGE", "NEEDS", "WHY"), width=terminal_width())
    styled = [
        console.styled(line[: len(one.action)], _STYLES[one.action], out=True) + line[len(one.action) :]
        for one, line in zip(planned, lines[1:], strict=True)
    ]
    return "\n".join([lines[0], *styled])


def _needs(one: Planned, short: dict[str, str]) -> str:
    named = [short.get(address, address) for address in one.needs]
    return ", ".join(named[:4]) + (f" and {len(named) - 4} more" if len(named) > 4 else "")
