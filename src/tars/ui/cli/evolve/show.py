"""Show a candidate: where it comes from, its patch, its figures and what each gate said of it."""

import argparse
import json

from tars.core.values import Json
from tars.evolve.records import PLAN, VERDICT, entries_of
from tars.evolve.searching.planner import read_plan
from tars.ui.cli.console import Console
from tars.ui.cli.evolve._opened import Opened, add_session, as_json, numbered, opened
from tars.ui.cli.printable import printable

EXAMPLES = (
    ("tarscli evolve show", "the candidate that passed every gate"),
    ("tarscli evolve show 12", "candidate 12 of the newest evolution"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", type=int, nargs="?", metavar="N", help="the candidate (default: the accepted one)")
    add_session(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments, console) as found:
        number = numbered(found, arguments.number)
        if not number:
            console.answer({"number": 0, "session": found.session.id})
            console.write("candidate 0 is the version before")
            return 0
        body = as_json(found, number)
        verdicts: list[Json] = []
        for entry in entries_of(found.store, found.session, VERDICT):
            if entry.key == f"{found.session.id}/{number}":
                gates = entry.body["gates"]
                verdicts += gates if isinstance(gates, list) else []
        body["gates"] = verdicts
        why = _why(found, number)
        body["why"] = why
        body["line"] = [0, *found.line(number)]
    console.answer(body)
    line = " → ".join(map(str, [0, *found.line(number)]))
    console.write(f"candidate {number} of {found.session.target} by {body['producer']}, from {line}")
    if "fault" in body:
        console.write(printable(f"failed: {body['fault']} {body['text']}"))
    else:
        console.write(f"score {body['score']:g} in {body['seconds']:g} s")
    if why:
        console.write(printable(f"planned because {why}"))
    for op in found.kept[number].patch.ops:
        console.write(printable(f"  {op.kind} {json.dumps(dict(op.arguments))}"))
    for said in verdicts:
        console.write(printable(f"  {said}"))
    return 0


def _why(found: Opened, number: int) -> str:
    """Why the step of the plan that led to the candidate was in it; empty where none did."""
    ops = found.kept[number].patch.ops
    for entry in entries_of(found.store, found.session, PLAN):
        for step in read_plan(entry.body).steps:
            if ops and step.ops == ops:
                return step.why
    return ""
