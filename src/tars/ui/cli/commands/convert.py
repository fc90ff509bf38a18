"""Convert a metascript to JSON or YAML and back, without loss of meaning.

What FILE is follows from its name (.tars, .json, .yaml, .yml) unless --from says it; `-` is stdin. The result goes to
stdout. `tarscli schema` prints the form of the JSON.
"""

import argparse
import sys
from pathlib import Path

from tars.core.errors import InputError, UsageError
from tars.core.values import Json
from tars.lang.forms.convert import from_data, to_data
from tars.lang.forms.format import format_text
from tars.lang.forms.serial import from_json, from_yaml, to_json, to_yaml
from tars.lang.syntax.parse import parse
from tars.ui.cli.console import Console
from tars.ui.cli.findings import show_input_error
from tars.ui.cli.metatexts import read_text
from tars.ui.cli.project import existing_file

EXAMPLES = (
    ("tarscli convert pipeline.tars --to json", "print the metascript as JSON"),
    ("tarscli convert made.json --to tars > made.tars", "a metascript from what a model filled in"),
    ("tarscli convert - --from yaml --to tars", "from stdin"),
)
FORMS = ("json", "yaml", "tars")
_SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".tars": "tars"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the file to convert; `-` is stdin")
    parser.add_argument("--to", choices=FORMS, required=True, help="what to print")
    parser.add_argument("--from", choices=FORMS, dest="given", help="what FILE is; default: as its name says")


def run(arguments: argparse.Namespace, console: Console) -> int:
    name = arguments.file
    given = arguments.given or _SUFFIXES.get(Path(name).suffix.lower())
    data = sys.stdin.buffer.read() if name == "-" else existing_file(name, "file", pipe=True).read_bytes()
    text = read_text(data, name)
    if given is None:
        raise UsageError(f"it is not clear what `{name}` holds", hint="say it: --from json, yaml or tars")
    try:
        converted = _converted(text, name, given, arguments.to)
    except InputError as error:
        show_input_error(error, console, {name: text})
        return error.exit_code
    console.answer({"from": given, "to": arguments.to, "text": converted})
    if not console.json:
        sys.stdout.write(converted)
    return 0


def _converted(text: str, name: str, given: str, to: str) -> str:
    if given == "tars":
        if to == "tars":
            return format_text(text, name)
        data: Json = dict(to_data(parse(text, name)))
    else:
        data = from_json(text, name) if given == "json" else from_yaml(text, name)
        metascript = from_data(data)
        if to == "tars":
            return metascript
    return to_yaml(data) if to == "yaml" else to_json(data)
