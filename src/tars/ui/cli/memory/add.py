"""Add a text to memory; it is durable when this returns. Adding the same text again changes nothing.

The text is written to the project's journal, from which the index is made.
"""

import argparse
import sys

from tars.core.errors import TarsError
from tars.memory.recall.index import open_index
from tars.memory.recall.memories import add
from tars.memory.recall.values import TEXT_MAX
from tars.store import open_store
from tars.ui.cli.console import Console
from tars.ui.cli.memory._recalled import pairs
from tars.ui.cli.project import STATE, project_of

EXAMPLES = (
    ('tarscli memory add "The nightly build needs 8 GiB" --with topic=ci', "with metadata to filter by"),
    ("git log -1 --format=%B | tarscli memory add - --id last-commit", "from standard input, under a name"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="what is to be remembered; `-` is the standard input")
    parser.add_argument("--id", default="", metavar="ID", help="its name; one that is known is replaced")
    parser.add_argument(
        "--with", dest="metadata", action="append", default=[], metavar="KEY=VALUE", help="metadata; may be repeated"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    text = sys.stdin.read(TEXT_MAX + 1) if arguments.text == "-" else arguments.text
    item = {
        "text": text,
        "metadata": dict(pairs("--with", "KEY=VALUE", arguments.metadata)),
        **({"id": arguments.id} if arguments.id else {}),
    }
    with open_store(project_of(arguments) / STATE) as store:
        (id,) = add(store, [item])
        indexed = True
        try:
            with open_index(store):
                pass
        except TarsError as error:
            indexed = False
            console.warning(f"{id} is in the journal, but not in the index yet: {error.message}", error.hint)
    console.answer({"id": id, "indexed": indexed})
    console.write(id)
    return 0
