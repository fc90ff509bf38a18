"""List the evolutions of this project, or the candidates of one with --session or --all.

A candidate that failed says at what; one that is better than all before it is marked with `*`. With --json there is
also what the analysis found, and the plan.
"""

import argparse

from tars.core.values import Json
from tars.evolve.records import PLAN, ended, entries_of, kept_of, sessions
from tars.store import open_store
from tars.ui.cli.console import Console, table, terminal_width
from tars.ui.cli.evolve._opened import add_session, as_json, opened
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE, known_project

EXAMPLES = (
    ("tarscli evolve log", "every evolution, and how it ended"),
    ("tarscli evolve log --all", "every candidate of the newest one"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    add_session(parser)
    parser.add_argument("--all", action="store_true", help="every candidate of the session")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if not (arguments.all or arguments.session):
        return _sessions(arguments, console)
    with opened(arguments, console) as found:
        rows: list[tuple[str, ...]] = []
        best = found.score(0)
        for number, one in sorted(found.kept.items()):
            score = found.score(number)
            better = score is not None and (best is None or found.sign * score > found.sign * best)
            best = score if better else best
            shown = f"{score:.6g}" if score is not None else f"{one.figures.fault}: {one.figures.text}"[:60]
            from_ = ",".join(map(str, one.parents))
            rows.append(("*" if better else "", str(number), from_, one.producer, printable(shown)))
        if rows:
            console.write(table(rows, ("", "candidate", "from", "by", "score"), width=terminal_width()))
        listed: list[Json] = [as_json(found, number) for number in sorted(found.kept)]
        planned: dict[str, Json] = {}
        for entry in entries_of(found.store, found.session, PLAN):
            planned = dict(entry.body)
        console.answer(
            {"session": found.session.id, "target": found.session.target, "candidates": listed, "planned": planned}
        )
    return 0


def _sessions(arguments: argparse.Namespace, console: Console) -> int:
    rows: list[tuple[str, ...]] = []
    listed: list[Json] = []
    with open_store(known_project(arguments) / STATE) as store:
        for session in sessions(store):
            end = ended(store, session)
            count = len(kept_of(store, session))
            said = "not ended: go on with --resume" if end is None else str(end["said"])
            rows.append((session.id, printable(session.target), str(count), printable(said)))
            listed.append(
                {
                    "session": session.id,
                    "target": session.target,
                    "candidates": count,
                    "end": dict(end) if end is not None else None,
                }
            )
    if rows:
        console.write(table(rows, ("session", "target", "candidates", ""), width=terminal_width()))
    console.answer({"sessions": listed})
    console.note(f"{len(rows)} evolution{'s' * (len(rows) != 1)}")
    return 0
