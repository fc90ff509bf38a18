"""Check or mend what the project has stored.

`verify` reads the whole journal and every object, and changes nothing. `repair` looks for the contents of damaged or
missing objects in the project and in the user's cache and puts them back; it deletes nothing.
"""

import argparse
from pathlib import Path

from tars.core.errors import CorruptError
from tars.core.values import Diagnostic
from tars.store import open_store
from tars.store.repair import repair
from tars.store.verify import unreadable, verify
from tars.ui.cli.console import Console
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.meaning import output_folders
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE, known_project, user_cache
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli store verify", "read everything; exit code 1 where something is damaged"),
    ("tarscli store repair", "put back what is found elsewhere"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("verify", "repair"), metavar="ACTION", help="`verify` or `repair`")


def run(arguments: argparse.Namespace, console: Console) -> int:
    project = known_project(arguments)
    output = output_folders(project)[0]
    if arguments.action == "verify":
        return _verify(project, output, console)
    with open_store(project / STATE, recovering=True, remaking=True) as store:
        done = repair(store, (project, user_cache()), output)
    console.answer(
        {
            "action": "repair",
            "restored": [{"object": digest, "from": place} for digest, place in done.restored],
            "findings": [json_value(one) for one in done.remaining],
        }
    )
    for digest, place in done.restored:
        console.write(f"restored {digest[:12]} from {printable(place)}")
    _write(done.remaining, console)
    console.note(f"Restored {plural(len(done.restored), 'object')}; {plural(len(done.remaining), 'finding')} remain")
    return 1 if done.remaining else 0


def _verify(project: Path, output: Path, console: Console) -> int:
    entries = ""
    try:
        with open_store(project / STATE, recovering=True) as store:
            found = verify(store, output)
            entries = "" if found else plural(store.head, "entry").replace("entrys", "entries")
    except CorruptError as error:
        found = (unreadable(error),)
    console.answer({"action": "verify", "sound": not found, "findings": [json_value(one) for one in found]})
    _write(found, console)
    if found:
        console.note(f"{plural(len(found), 'finding')}; `tarscli store repair` mends what it can")
    else:
        console.note(f"The store is sound: {entries}, every object whole")
    return 1 if found else 0


def _write(found: tuple[Diagnostic, ...], console: Console) -> None:
    for one in found:
        console.write(f"{one.severity}[{one.code}]: {printable(one.message)}")
        if one.hint:
            console.write(f"  Hint: {printable(one.hint)}")
