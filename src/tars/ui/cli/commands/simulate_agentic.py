"""Run a metascript headless, without side effects: in a copy of the project, every agent in a sandbox.

What it would make, how long each module took and what is wrong is told, and compared with the last version; nothing is
written to the project. --dry-run is the only way it runs.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from tars.core.errors import InputError, UsageError
from tars.core.values import Json, Severity
from tars.evolve.headless import Simulated, Simulation, loaded, simulate
from tars.lang.meaning.context import Around
from tars.store import open_store
from tars.store.versions import latest_number, states_at
from tars.ui.cli.believing import believing
from tars.ui.cli.console import Console, table
from tars.ui.cli.meaning import text_of
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE, find_metascript, project_of
from tars.ui.cli.recalling import recalling

EXAMPLES = (("tarscli simulate-agentic pipeline.tars --dry-run", "what a run would make, and how long it would take"),)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the metascript (default: the only one here)")
    parser.add_argument("--dry-run", action="store_true", help="say that nothing is to be changed; always needed")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="modules at once (default: all cores)")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if not arguments.dry_run:
        raise UsageError("simulate-agentic changes nothing, and wants to hear that you know", hint="add --dry-run")
    path = find_metascript(arguments.file, arguments).absolute()
    project = project_of(arguments, path)
    relative = path.resolve().relative_to(project).as_posix()
    text = text_of(path)
    around = Around(recall=recalling(project), believed=believing(project, path))
    meaning = loaded(project, relative, text, around)
    errors = [one for one in meaning.diagnostics if one.severity is Severity.ERROR]
    if errors:
        raise InputError(f"{relative} has {len(errors)} findings and was not simulated", errors)
    with TemporaryDirectory(prefix="tars-simulate-") as scratch:
        ran = simulate(project, relative, text, Path(scratch), Simulation(jobs=arguments.jobs, around=around))
    before = _before(project)
    changed = {path: before.get(path) != digest for path, digest in ran.outputs.items()}
    rows = [(address, f"{seconds:.3f} s") for address, seconds in ran.modules.items()]
    rows += [(path, "differs" if differs else "as in the last version") for path, differs in changed.items()]
    if rows:
        console.write(table([(printable(left), right) for left, right in rows]))
    _answer(ran, changed, console)
    console.note(printable(f"failed: {ran.failure}") if ran.failure else f"It would run in {ran.seconds:.2f} s")
    return 1 if ran.failure else 0


def _answer(ran: Simulated, changed: dict[str, bool], console: Console) -> None:
    modules: dict[str, Json] = {name: round(seconds, 4) for name, seconds in ran.modules.items()}
    console.answer({
        "seconds": round(ran.seconds, 4), "failure": ran.failure, "modules": modules,
        "outputs": dict(ran.outputs), "changed": [path for path, differs in changed.items() if differs],
    })  # fmt: skip


def _before(project: Path) -> dict[str, str]:
    """The outputs of the last version, by path; nothing where the project has none."""
    if not (project / STATE).is_dir():
        return {}
    with open_store(project / STATE) as store:
        states = states_at(store, latest_number(store))
        return {
            path: str(leaf.digest)
            for state in states.values()
            if state.outputs
            for path, leaf in store.objects.tree(state.outputs).items()
        }
