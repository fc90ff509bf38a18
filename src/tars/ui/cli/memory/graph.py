"""Draw beliefs and how they bear on one another: what is near one belief, or all of them.

Colour says how sure one may be, and the number beside the name says it too. Without an ID the surest beliefs are drawn.
"""

import argparse

from tars.core.errors import UsageError
from tars.memory.analysis import neighbourhood
from tars.memory.picture import as_data, as_dot, as_mermaid
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import add_limit, add_moment, beliefs_at, found, opened
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli memory graph cache > cache.dot", "what is within two relations of it; `dot -Tsvg cache.dot` draws it"),
    ("tarscli memory graph --as mermaid", "for a `mermaid` block in Markdown"),
    ("tarscli memory graph cache --steps 1 --json", "as data"),
)
DRAWN = 60
STEPS_MAX = 100


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="the belief in the middle")
    parser.add_argument("--steps", type=int, default=2, metavar="N", help="how many relations away; default: 2")
    parser.add_argument("--as", choices=("dot", "mermaid"), default="dot", dest="form", help="default: dot")
    add_limit(parser, DRAWN, "draw at most so many beliefs")
    add_moment(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    if not 0 <= arguments.steps <= STEPS_MAX:
        raise UsageError(f"--steps must be from 0 to {STEPS_MAX}")
    with opened(arguments) as store:
        beliefs = beliefs_at(store, arguments.at)
    most = arguments.limit or max(1, beliefs.count)
    if arguments.id is None:
        middle = None
        rows = [row for one in beliefs.surest(most) if (row := beliefs.find(one.belief.id)) is not None]
    else:
        middle = found(beliefs, arguments.id)
        rows = neighbourhood(beliefs, middle, arguments.steps, most)
    console.answer({"entry": beliefs.entry, "middle": arguments.id, **as_data(beliefs, rows)})
    console.write((as_dot if arguments.form == "dot" else as_mermaid)(beliefs, rows, middle))
    console.note(f"{plural(len(rows), 'belief')} of {beliefs.count:,}")
    return 0
