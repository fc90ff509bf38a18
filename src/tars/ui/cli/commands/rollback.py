"""Put the source of an earlier version back into the work tree, as a new version.

NAME@VERSION is `rank@v3`, or `v3` for every module as of then. What the work tree holds and no version does becomes a
version first, so that a rollback can itself be rolled back. Without a terminal, --yes is needed.
"""

import argparse
from pathlib import Path

from tars.core.errors import TarsError, UsageError
from tars.runner.workspace import run_lock
from tars.store import Store, open_store
from tars.store.materialise import materialise
from tars.store.rewrite import put_back
from tars.store.rollback import Rollback, plan_rollback, rollback
from tars.ui.cli.console import Console, Style, table
from tars.ui.cli.meaning import output_folders
from tars.ui.cli.printable import one_line
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.times import plural
from tars.ui.cli.worktree import tell_put_back

EXAMPLES = (
    ("tarscli rollback rank@v3", "show what would change in the work tree, and ask"),
    ("tarscli rollback rank@v3 --yes", "without asking"),
    ("tarscli rollback v3 --yes", "every module as it was in version 3"),
)
LOCK_SECONDS_MAX = 2.0
_STYLES: dict[str, Style] = {"add": "added", "remove": "removed", "replace": "place"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "selector", metavar="NAME@VERSION", help="a module's version, such as `rank@v3`; or `v3` for all"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace, console: Console) -> int:
    project = known_project(arguments)
    with open_store(project / STATE) as store, run_lock(store).exclusive(seconds_max=LOCK_SECONDS_MAX) as had:
        if not had:
            raise TarsError(
                "a run of this project is at work; nothing was changed", hint="wait for it to end, or interrupt it"
            )
        tell_put_back(put_back(store, project), console)
        plan = plan_rollback(store, project, arguments.selector)
        if not plan.changes:
            console.answer({"changes": [], "version": None, "undo": None})
            console.note(f"The work tree already is as in {arguments.selector}; nothing to do")
            return 0
        _show(plan, console)
        if not arguments.yes:
            _confirm(plan, console)
        done = rollback(store, project, plan)
        changes = [{"action": action, "path": path} for action, path in plan.changes]
        console.answer({"changes": changes, "version": done.made[-1], "undo": done.undo})
        _make_folders(store, project, done.made, console)
    after = "; `tarscli run` brings the outputs after it" if any(state.outputs for state in plan.states) else ""
    console.note(
        f"Rolled back to {arguments.selector}: {plural(len(plan.changes), 'file')} changed, as v{done.made[-1]}. "
        f"`tarscli rollback {done.undo}` takes it back{after}"
    )
    return 0


def _show(plan: Rollback, console: Console) -> None:
    rows = [(action, one_line(path)) for action, path in plan.changes]
    for (action, _), line in zip(rows, table(rows).split("\n"), strict=True):
        console.write(console.styled(line, _STYLES[action], out=True))


def _confirm(plan: Rollback, console: Console) -> None:
    files = plural(len(plan.changes), "file")
    if not console.can_ask:
        raise UsageError(
            f"rolling back to {plan.selector} changes {files} of the work tree and nobody can be asked",
            hint=f"look at what it would change above, then use `tarscli rollback {plan.selector} --yes`",
        )
    if not console.ask(f"Change {files} of the work tree?"):
        raise TarsError("nothing was changed", hint="answer `y` to roll back")


def _make_folders(store: Store, project: Path, numbers: tuple[int, ...], console: Console) -> None:
    """The versions as folders, which are made again from the store wherever they are missing."""
    for output in output_folders(project, store):
        try:
            materialise(store, output, numbers)
        except TarsError as error:
            console.warning(f"the version stands, but not as a folder: {error.message}", error.hint)
