"""Print the JSON Schema of metascripts in JSON form.

It is what an editor checks a metascript in JSON or YAML by, and what a model fills in when it writes one;
`tarscli convert` turns the result into a metascript. With --record it is the schema of the records of module runs.
"""

import argparse
import json

from tars.lang.json_schema import json_schema
from tars.runner.record import RECORD_SCHEMA
from tars.runner.toolchain import TOOLCHAINS
from tars.ui.cli.console import Console

EXAMPLES = (
    ("tarscli schema > tars.schema.json", "for an editor or a model"),
    ("tarscli convert a.json --to tars", "a metascript from JSON of that form"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--record", action="store_true", help="of `output/logs/module_run_*.json` instead")


def run(arguments: argparse.Namespace, console: Console) -> int:
    document = RECORD_SCHEMA if arguments.record else json_schema(TOOLCHAINS.names())
    console.answer({"document": document})
    console.write(json.dumps(document, indent=2))
    return 0
