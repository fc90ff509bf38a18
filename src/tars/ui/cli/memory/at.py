"""List what was believed at an earlier moment, the surest first.

The journal knows it: it is folded up to that moment and judged as it was then.
"""

import argparse

from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import add_limit, beliefs_at, opened
from tars.ui.cli.memory.beliefs import show

EXAMPLES = (
    ("tarscli memory at 2026-11-01T12:00", "at a time"),
    ("tarscli memory at 120 --limit 20", "after entry 120 of the journal"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("moment", metavar="MOMENT", help="an entry's number, or a time as 2026-11-22T10:00")
    add_limit(parser, 0, "list at most so many")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        beliefs = beliefs_at(store, arguments.moment)
    show(beliefs, arguments.limit, console)
    return 0
