"""Show how a confidence came about: every entry of the journal that changed it."""

import argparse

from tars.core.errors import UsageError
from tars.memory.history import Step, history
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import opened, percent
from tars.ui.cli.printable import printable
from tars.ui.cli.times import when

EXAMPLES = (("tarscli memory history cache", "every step, oldest first"),)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the belief")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        steps = history(store, arguments.id)
    if not steps:
        raise UsageError(
            f"nothing was ever said of `{arguments.id}`", hint="`tarscli memory beliefs` lists what is believed"
        )
    console.answer(
        {
            "id": arguments.id,
            "steps": [
                {
                    "entry": step.entry.number,
                    "time": step.entry.time,
                    "about": list(step.about),
                    "confidence": step.confidence,
                }
                for step in steps
            ],
        }
    )
    for step in steps:
        now = percent(step.confidence) if step.confidence is not None else "not held"
        console.write(f"{step.entry.number:>6}  {when(step.entry.time)}  {now:>8}  {_cause(step, arguments.id)}")
    return 0


def _cause(step: Step, id: str) -> str:
    """What the entry was, in a few words."""
    body = step.entry.body
    if step.entry.kind == "result":
        return f"{printable(step.entry.subject)} reported {printable(', '.join(step.about[:3]))}"
    if step.entry.kind == "run-started":
        return f"{printable(step.entry.subject)} declares {printable(', '.join(step.about[:3]))}"
    who = printable(str(body.get("witness") or "user"))
    if body.get("act") == "retract":
        why = f": {printable(str(body['why']))}" if body.get("why") else ""
        return f"{printable(str(body.get('id')))} was taken back{why}"
    confidence = body.get("confidence")
    what = "" if body.get("id") == id else f" of {printable(str(body.get('id')))}"
    return f"{who} said {percent(float(confidence)) if isinstance(confidence, int | float) else '?'}{what}"
