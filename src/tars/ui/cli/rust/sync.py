"""Take documents, crates and repositories from the project's allow-list into its store, as hashed snapshots.

The allow-list is `rust-sources.toml` in the project's folder: `[[source]]` with `name` and `from` (a folder, or the
URL of an archive or file), and `sha256` to pin what a URL gives. A source is kept if all of it is under MIT,
Apache-2.0, BSD, 0BSD, ISC or the Unlicense, else it is refused. The network is used with --network only.
"""

import argparse

from tars.rust.learning.sync import snapshots, sources_of, sync
from tars.store import Store, open_store
from tars.ui.cli.console import Console, table
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE, project_of
from tars.ui.cli.rust._opened import opened_known
from tars.ui.cli.times import plural, size_text, when

EXAMPLES = (
    ("tarscli rust sync", "the folders and files of the allow-list"),
    ("tarscli rust sync --network", "what is on the network too"),
    ("tarscli rust sync --list", "the snapshots there are"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--network", action="store_true", help="fetch what is on the network too")
    parser.add_argument("--list", action="store_true", help="list the newest snapshot of each source instead")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.list:
        with opened_known(arguments, console) as (_, store):
            return _list(store, console)
    project = project_of(arguments)
    sources = sources_of(project)
    found = []
    with open_store(project / STATE) as store:
        for one in sync(store, sources, network=arguments.network):
            found.append(one)
            what = f"{plural(one.files, 'file')}, {size_text(one.bytes)}, {one.licence}" if one.tree else one.why
            console.write(printable(f"{one.name}: {one.outcome}: {what}"))
    console.answer({"sources": [json_value(one) for one in found]})
    refused = sum(one.outcome in ("refused", "failed") for one in found)
    console.note(f"{plural(len(found), 'source')}, {refused} refused or failed")
    return 1 if refused else 0


def _list(store: Store, console: Console) -> int:
    entries = list(snapshots(store))
    console.answer({"snapshots": [{"name": one.subject, "time": one.time, **one.body} for one in entries]})
    rows = [
        (one.subject, when(one.time), str(one.body["files"]), str(one.body["licence"]), str(one.body["from"]))
        for one in entries
    ]
    if rows:
        console.write(table([tuple(map(printable, row)) for row in rows]))
    console.note(plural(len(rows), "snapshot"))
    return 0
