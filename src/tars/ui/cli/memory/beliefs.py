"""List what is believed, the surest first.

A confidence that belief propagation found, because its beliefs hang together too closely for an exact answer, is
marked with `~`.
"""

import argparse

from tars.memory.snapshot import Snapshot
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import add_limit, add_moment, as_json, beliefs_at, opened, percent
from tars.ui.cli.printable import printable
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli memory beliefs", "all of them"),
    ("tarscli memory beliefs --limit 20", "the twenty surest"),
    ("tarscli memory beliefs --at 2026-11-01", "what was believed then"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    add_moment(parser)
    add_limit(parser, 0, "list at most so many")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        beliefs = beliefs_at(store, arguments.at)
    show(beliefs, arguments.limit, console)
    return 0


def show(beliefs: Snapshot, limit: int, console: Console) -> None:
    """Writes the surest beliefs, or all of them where `limit` is 0."""
    judged = beliefs.surest(limit or None)
    count = beliefs.count
    console.answer({"entry": beliefs.entry, "count": count, "beliefs": [as_json(one, beliefs) for one in judged]})
    width = max((len(one.belief.id) for one in judged), default=0)
    for one in judged:
        mark = " " if one.exact else "~"
        statement = printable(one.belief.statement)
        console.write(f"{mark}{percent(one.confidence):>7}  {printable(one.belief.id):{width}}  {statement}")
    shown = f", of which the surest {len(judged):,} are shown" if len(judged) < count else ""
    console.note(f"{plural(count, 'belief')}{shown}")
