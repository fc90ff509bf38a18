"""Print the JSON Schema of what the Rust engineer stores."""

import argparse
import json

from tars.rust.schemas import NAMES, schema
from tars.ui.cli.console import Console

EXAMPLES = (
    ("tarscli rust schema patch", "a patch bound to its bytes"),
    ("tarscli rust schema", "the names, one a line"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("schema", nargs="?", metavar="NAME", help=f"one of {', '.join(NAMES)}; default: list them")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if not arguments.schema:
        console.answer({"names": list(NAMES)})
        console.write("\n".join(NAMES))
        return 0
    document = schema(arguments.schema)
    console.answer({"document": document})
    console.write(json.dumps(document, indent=2))
    return 0
