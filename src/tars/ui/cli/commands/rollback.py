"""Put the source of an earlier version back into the work tree, as a new version.

NAME@VERSION is `rank@v3`, or `v3` for every module as of then. First the files as they are now are kept in the store,
so nothing is ever lost. Without a terminal, --yes is needed.
"""

import argparse

from tars.core.errors import TarsError, UsageError
from tars.runner.workspace import run_lock
from tars.store import ModuleState, Store, open_store
from tars.store.materialise import materialise
from tars.store.rollback import rollback
from tars.store.versions import resolve, states_at, version
from tars.ui.cli.console import Console, Style, table
from tars.ui.cli.meaning import output_folders
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.times import plural
from tars.ui.cli.worktree import changes_to_come

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
    with open_store(project / STATE) as store:
        targets = _targets(store, arguments.selector)
        coming = changes_to_come(store, project, targets)
        changed = [(action, path) for action, path in coming if action != "keep"]
        rows = [(action, printable(path)) for action, path in changed]
        for row, line in zip(rows, table(rows).split("\n"), strict=False):
            console.write(console.styled(line, _STYLES[row[0]], out=True))
        if not changed:
            console.answer({"changes": [], "version": None})
            console.note(f"The work tree already is as in {arguments.selector}; nothing to do")
            return 0
        if not arguments.yes:
            _confirm(arguments.selector, len(changed), console)
        with run_lock(store).exclusive(seconds_max=LOCK_SECONDS_MAX) as had:
            if not had:
                raise TarsError(
                    "a run of this project is at work; nothing was changed", hint="wait for it to end, or interrupt it"
                )
            number = rollback(store, project, arguments.selector)
            for folder in output_folders(project):
                materialise(store, folder, [number])
    console.answer({"changes": [{"action": action, "path": path} for action, path in changed], "version": number})
    console.note(
        f"Rolled back to {arguments.selector}: {plural(len(changed), 'file')} changed, as v{number}. "
        f"`tarscli run` brings the outputs after it"
    )
    return 0


def _confirm(selector: str, files: int, console: Console) -> None:
    if not console.can_ask:
        raise UsageError(
            f"rolling back to {selector} changes {plural(files, 'file')} of the work tree and nobody can be asked",
            hint=f"look at what it would change above, then use `tarscli rollback {selector} --yes`",
        )
    if not console.ask(f"Change {plural(files, 'file')} of the work tree?"):
        raise UsageError("nothing was changed", hint="answer `y` to roll back")


def _targets(store: Store, selector: str) -> dict[str, ModuleState]:
    if selector[:1] == "v" and selector[1:].isdecimal():
        return states_at(store, version(store, int(selector[1:])).number)
    if "@" not in selector:
        raise UsageError(
            f"`{selector}` names no version",
            hint=f"for instance `{selector}@v1`; `tarscli versions {selector}` lists them",
        )
    state = resolve(store, selector)[1]
    return {state.name: state}
