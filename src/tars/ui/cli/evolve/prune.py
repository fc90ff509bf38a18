"""Let go of what is not needed of old evolutions: the patches of candidates that led to nothing.

The newest evolutions stay as they are, --keep says how many; so does one that has not ended, and of every one the
candidates that lead to what passed all gates. Figures and lineage stay in the journal; the next `tarscli gc` deletes
the patches. Versions are let go of by `tarscli prune`.
"""

import argparse

from tars.core.values import Json
from tars.evolve.records import CANDIDATE, ended, kept_of, sessions
from tars.store import open_store
from tars.store.retention import let_go, let_go_of
from tars.ui.cli.console import Console
from tars.ui.cli.evolve._opened import Opened
from tars.ui.cli.parser import count
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli evolve prune --keep 3", "keep all of the three newest evolutions"),
    ("tarscli evolve prune --keep 3 && tarscli gc", "and delete what only older ones held"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", type=count, default=10, metavar="N", help="how many stay whole (default: 10)")


def run(arguments: argparse.Namespace, console: Console) -> int:
    gone: list[Json] = []
    candidates = 0
    project = known_project(arguments)
    with open_store(project / STATE) as store:
        before = let_go_of(store)
        for session in list(sessions(store))[arguments.keep :]:
            if (CANDIDATE, session.id) in before or ended(store, session) is None:
                continue
            found = Opened(store, project, session, kept_of(store, session))
            chosen = found.chosen()
            line = {f"{session.id}/{number}" for number in (found.line(chosen) if chosen else ())}
            entries = list(store.entries(kind=CANDIDATE, run=session.id))
            let_go(store, CANDIDATE, session.id, kept=[one.number for one in entries if one.key in line])
            candidates += len(entries) - len(line)
            gone.append(session.id)
    console.answer({"pruned": gone, "candidates": candidates})
    told = f"Let go of {plural(candidates, 'candidate')} in {plural(len(gone), 'evolution')}"
    console.note(f"{told}; `tarscli gc` deletes their patches" if gone else "There is nothing to let go of")
    return 0
