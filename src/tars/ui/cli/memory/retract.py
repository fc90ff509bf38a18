"""Take a belief back: what rested on it is judged anew. The journal keeps that it was believed."""

import argparse

from tars.memory.acts import retract
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import opened

EXAMPLES = (('tarscli memory retract cache --why "measured: it does not"', "with the reason, which is kept"),)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the belief")
    parser.add_argument("--why", default="", metavar="REASON", help="why; kept in the journal")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        number = retract(store, arguments.id, arguments.why)
    console.answer({"id": arguments.id, "entry": number})
    console.note(f"Took back {arguments.id}; `tarscli memory history {arguments.id}` still knows it")
    return 0
