"""List what is believed, the surest first.

A confidence that belief propagation found, because its beliefs hang together too closely for an exact answer, is
marked with `~`.
"""

import argparse

from tars.memory.beliefs import by_confidence
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import add_moment, as_json, beliefs_at, opened, percent
from tars.ui.cli.printable import printable
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli memory beliefs", "all of them"),
    ("tarscli memory beliefs --at 2026-11-01", "what was believed then"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    add_moment(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        beliefs = beliefs_at(store, arguments.at)
    judged = by_confidence(beliefs.judged())
    console.answer({"entry": beliefs.entry, "beliefs": [as_json(one, beliefs) for one in judged]})
    width = max((len(one.belief.id) for one in judged), default=0)
    for one in judged:
        mark = " " if one.exact else "~"
        statement = printable(one.belief.statement)
        console.write(f"{mark}{percent(one.confidence):>7}  {printable(one.belief.id):{width}}  {statement}")
    console.note(plural(len(judged), "belief"))
    return 0
