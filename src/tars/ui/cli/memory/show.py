"""Show one belief: who says so, what bears on it, and how sure one may be."""

import argparse
from pathlib import Path

from tars.memory.evidence import source_of, state_of
from tars.memory.snapshot import Snapshot
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import BEARINGS, add_moment, as_json, beliefs_at, found, opened, percent
from tars.ui.cli.printable import printable
from tars.ui.cli.times import when

EXAMPLES = (("tarscli memory show cache", "one belief with its witnesses and relations"),)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the belief")
    add_moment(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments) as store:
        beliefs, project = beliefs_at(store, arguments.at), store.root.parent
    row = found(beliefs, arguments.id)
    one = beliefs.judged(row)
    named = sorted({name for report in one.belief.reports.values() for name in report.evidence})
    states = {name: str(state) for name in named if (state := state_of(project, name))}
    console.answer({**as_json(one, beliefs), "evidence_states": states})
    console.write(f"{printable(one.belief.id)}: {printable(one.belief.statement)}")
    how = "exactly" if one.exact else "by belief propagation"
    console.write(f"  {percent(one.confidence)} sure, {how}; {percent(one.alone)} by its own witnesses alone")
    for report in one.belief.reports.values():
        rests = f", on {', '.join(_evidence(project, one) for one in report.evidence)}" if report.evidence else ""
        console.write(f"  {printable(report.witness)} said {percent(report.confidence)} at {when(report.time)}{rests}")
    for line in _relations(beliefs, row):
        console.write(f"  {line}")
    return 0


def _evidence(project: Path, name: str) -> str:
    """Evidence in a few words; what a citation says now is compared with what it said."""
    state = state_of(project, name)
    return printable(name) if state is None else f"{printable(source_of(name))} ({state})"


def _relations(beliefs: Snapshot, row: int) -> list[str]:
    lines = []
    for relation in beliefs.relations(row):
        both = beliefs.find(relation.source) is not None and beliefs.find(relation.target) is not None
        words = BEARINGS[relation.bearing].replace("-", " ")
        unknown = "" if both else " (not known)"
        lines.append(f"{printable(relation.source)} {words} {printable(relation.target)}{unknown}")
    return lines
