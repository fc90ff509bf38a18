"""List the runs of the project, or those of one module, the newest first.

A run that only found everything cached is not listed: it changed nothing.
"""

import argparse
from collections.abc import Mapping

from tars.store import Entry, Store, open_store
from tars.store.versions import versions
from tars.ui.cli.console import Console, table, terminal_width
from tars.ui.cli.display.board import seconds_text
from tars.ui.cli.parser import count
from tars.ui.cli.printable import printable, shortened
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.records import Record, records_of
from tars.ui.cli.times import when

EXAMPLES = (
    ("tarscli history", "the last runs: when, how they ended, the version they made"),
    ("tarscli history rank", "every time the module `rank` ran, and why"),
    ("tarscli history --limit 100", "more of them"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="a module's name or address; default: whole runs")
    parser.add_argument("--limit", type=count, default=20, metavar="N", help="at most the N newest; default: 20")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with open_store(known_project(arguments) / STATE) as store:
        if arguments.name:
            found = records_of(store, name=arguments.name, limit=arguments.limit)
            console.answer({"module": arguments.name, "records": [record.body() for record in found]})
            console.write(_modules_text(found))
            return 0
        runs = _runs(store, arguments.limit)
        console.answer({"runs": runs})
        if not runs:
            console.note("Nothing has run yet in this project: `tarscli run` begins.")
        else:
            console.write(_runs_text(runs))
        return 0


def _modules_text(found: list[Record]) -> str:
    rows = [
        (
            when(record.time),
            record.run,
            record.status,
            seconds_text(record.seconds),
            shortened(printable((record.error or record.why).partition("\n")[0]), 80),
        )
        for record in found
    ]
    return table(rows, ("WHEN", "RUN", "STATUS", "TIME", "WHY"), width=terminal_width())


def _runs(store: Store, limit: int) -> list[dict[str, object]]:
    made = {one.run: one.number for one in versions(store) if one.run}
    ends = {entry.run: entry for entry in store.entries(kind="run-finished")}
    starts = store.entries(kind="run-started", newest_first=True, limit=limit)
    return [_run(start, ends.get(start.run), made.get(start.run)) for start in starts]


def _run(start: Entry, end: Entry | None, version: int | None) -> dict[str, object]:
    """A run as its entries tell of it; those of an older journal hold no times, but when they were appended."""
    body: Mapping[str, object] = end.body if end else {}
    return {
        "run": start.run,
        "time": start.body.get("began", start.time),
        "metascript": start.subject,
        "status": body.get("status", "unfinished"),
        "counts": body.get("counts", {}),
        "seconds": body.get("seconds", max(end.time - start.time, 0.0)) if end else None,
        "version": version,
    }


def _runs_text(runs: list[dict[str, object]]) -> str:
    rows = []
    for one in runs:
        counts = one["counts"]
        assert isinstance(counts, Mapping)
        modules = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
        version = f"v{one['version']}" if one["version"] else "-"
        rows.append((when(float(str(one["time"]))), str(one["run"]), str(one["status"]), version, modules))
    return table(rows, ("WHEN", "RUN", "STATUS", "VERSION", "MODULES"), width=terminal_width())
