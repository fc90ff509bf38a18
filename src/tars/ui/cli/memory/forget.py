"""Forget memories that were added: no answer holds them any more.

The journal keeps that they were, what they said, and why they went.
"""

import argparse

from tars.memory.recall.memories import forget
from tars.ui.cli.console import Console
from tars.ui.cli.memory._recalled import opened_index
from tars.ui.cli.times import plural

EXAMPLES = (('tarscli memory forget m-0123456789abcdef --why "no longer true"', "with the reason"),)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", help="what is to be forgotten, as `memory ask` names it")
    parser.add_argument("--why", default="", metavar="REASON", help="why; kept in the journal")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened_index(arguments, console) as index:
        forget(index.store, arguments.ids, why=arguments.why)
        index.catch_up()
    console.answer({"forgotten": arguments.ids})
    console.note(f"Forgot {plural(len(arguments.ids), 'memory').replace('memorys', 'memories')}")
    return 0
