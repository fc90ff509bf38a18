"""What the project's agents and people believe, how sure one may be of it, and where they contradict each other.

Beliefs come from metascripts (`belief_graph`), from agents while they run, and from `tarscli memory believe`. All are
in the project's journal: `history` shows how a confidence came about, `--at` what was believed then.

Texts that were added and folders that were indexed are found again by what they say: `ask` answers with passages, each
with an anchor.
"""

import argparse

from tars.core.errors import UsageError
from tars.ui.cli import memory
from tars.ui.cli.console import Console

ACTIONS = memory
"""Each file of this package is one action; `tarscli memory ACTION --help` is its manual."""
EXAMPLES = (
    ('tarscli memory believe cache "Caching pays off" --confidence 0.8', "say what you believe"),
    ("tarscli memory beliefs", "all beliefs, the surest first"),
    ("tarscli memory contradictions", "what cannot all be true, and what leads to it"),
    ("tarscli memory history cache", "how a confidence came about"),
    ("tarscli memory index docs src", "read two folders"),
    ('tarscli memory ask "how is a run cached"', "passages that answer, with where they stand"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", metavar="ACTION", nargs="?", help="what to do; each has a manual of its own")


def run(arguments: argparse.Namespace, console: Console) -> int:
    raise UsageError("the action is missing", hint="for instance `tarscli memory beliefs`; `--help` lists all")
