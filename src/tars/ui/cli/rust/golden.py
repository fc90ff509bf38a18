"""Keep mends as golden entries, which can be proven again: that the snapshot is broken, and that the patch mends it.

`add ID` keeps the mend of an episode or a patch; `replay` proves entries again, each in a folder of its own; `validate`
checks their form and hashes, and runs nothing. WHAT is an entry's id or a file of one; without it, all of this project.
"""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tars.core.errors import UsageError
from tars.episode.journal import read_log
from tars.runner.workspace import replace_text
from tars.rust.checking.workspace import Features, find_target
from tars.rust.learning import golden
from tars.rust.patches import devlog, review
from tars.store import Store
from tars.ui.cli.console import Console
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.printable import printable
from tars.ui.cli.rust._opened import opened_known
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli rust golden add 1f0c9a", "keep the mend of that episode or patch"),
    ("tarscli rust golden add 1f0c9a --out golden/moved.json", "as a file too, to share it"),
    ("tarscli rust golden replay", "prove all of this project's again"),
    ("tarscli rust golden validate golden/moved.json", "form and hashes of a file"),
)
CHOICES = ("add", "replay", "validate")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=CHOICES, metavar="ACTION", help="`add`, `replay` or `validate`")
    parser.add_argument(
        "what", nargs="*", default=[], metavar="WHAT", help="for `add` an episode or patch; else entries or files"
    )
    parser.add_argument("--out", metavar="FILE", help="with `add`: write the entry into this file too")
    parser.add_argument("--reflection", metavar="TEXT", help="with `add`: what was learnt, in your words")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.action != "add" and (arguments.out or arguments.reflection):
        raise UsageError("--out and --reflection are for `add` only", hint="`tarscli rust golden add ID --out FILE`")
    if arguments.action == "add":
        if len(arguments.what) != 1:
            raise UsageError(
                "`tarscli rust golden add` needs one episode or patch", hint="`tarscli rust log` lists them"
            )
        with opened_known(arguments, console) as (project, store):
            return _add(arguments, project, store, console)
    entries = list(_entries(arguments, console))
    return _validate(entries, console) if arguments.action == "validate" else _replay(entries, console)


def _add(arguments: argparse.Namespace, project: Path, store: Store, console: Console) -> int:
    kept = review.find(store, arguments.what[0])
    episode = devlog.find(store, kept.episode)
    assert episode.entry is not None
    folder = project / kept.root
    place = folder / episode.subject.partition("/")[2] if episode.subject.endswith(".rs") else folder
    target = find_target(place, Features.of(kept.proof.features))
    reflection = arguments.reflection or str(read_log(store, episode.entry)["why"])
    entry = golden.make(kept, target, devlog.observations_of(store, episode), reflection)
    golden.add(store, entry)
    if arguments.out:
        replace_text(Path(arguments.out), json.dumps(entry, indent=1) + "\n")
    console.answer({"action": "add", "entry": entry})
    files = entry["snapshot"]
    assert isinstance(files, dict)
    console.write(str(entry["id"]))
    console.note(
        f"Kept as golden: {plural(len(files), 'file')}, proven now; `tarscli rust golden replay` proves it again"
    )
    return 0


def _entries(arguments: argparse.Namespace, console: Console) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """What was named, each with its name; entries of the project where no file is meant."""
    files = [one for one in arguments.what if Path(one).is_file()]
    for name in files:
        yield name, golden.read_file(name)
    ids = [one for one in arguments.what if one not in files]
    if ids or not files:
        with opened_known(arguments, console) as (_, store):
            chosen = [golden.find(store, one) for one in ids] if ids else list(golden.golden_entries(store))
        yield from ((str(entry["id"])[:10], entry) for entry in chosen)


def _validate(entries: list[tuple[str, Mapping[str, Any]]], console: Console) -> int:
    found = {name: golden.findings(entry) for name, entry in entries}
    console.answer({"action": "validate", "entries": {name: list(wrong) for name, wrong in found.items()}})
    for name, wrong in found.items():
        for line in wrong or ("sound",):
            console.write(f"{printable(name)}: {printable(line)}")
    count = sum(map(bool, found.values()))
    console.note(f"{plural(len(found), 'golden entry').replace('entrys', 'entries')}, {count} with findings")
    return 1 if count else 0


def _replay(entries: list[tuple[str, Mapping[str, Any]]], console: Console) -> int:
    found = []
    for name, entry in entries:
        one = golden.replay(entry)
        found.append(one)
        tests = f", {plural(len(one.passed), 'test')} passed" if one.passed else ""
        proof = f"{_wrong(one)}; with its patch it builds{tests}"
        console.write(f"{printable(name)}: {proof if one.holds else printable(one.why)} ({one.seconds:.2f} s)")
    console.answer({"action": "replay", "entries": [{**_object(one), "holds": one.holds} for one in found]})
    failed = sum(not one.holds for one in found)
    console.note(f"{plural(len(found), 'golden entry').replace('entrys', 'entries')}, {failed} no longer proven")
    return 1 if failed else 0


def _wrong(one: golden.Replayed) -> str:
    """What is wrong without the patch."""
    if one.lints:
        return f"has {plural(one.errors, 'finding')} of clippy"
    if one.failed and not one.errors:
        return f"fails with {plural(len(one.failed), 'failing test')}"
    return f"fails with {plural(one.errors, 'error')}"


def _object(one: golden.Replayed) -> dict[str, object]:
    body = json_value(one)
    assert isinstance(body, dict)
    return body
