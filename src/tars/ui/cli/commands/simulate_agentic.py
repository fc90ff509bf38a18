"""Run a metascript headless, without side effects: in a copy of the project, every agent in a sandbox.

What it would make, how long each module took, its metrics and its beliefs are told, and compared with the last version;
nothing is written to the project. --inputs takes the place of the project's own inputs, --generate makes some that were
never there. --dry-run is the only way it runs.
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import InputError, TarsError, UsageError
from tars.core.values import Json, Severity
from tars.evolve.metascripts.headless import Reported, Simulated, Simulation, loaded, reported_in, simulate
from tars.lang.meaning.context import Around
from tars.store import open_store
from tars.store.versions import latest_number, states_at
from tars.ui.cli.believing import believing
from tars.ui.cli.console import Console, table
from tars.ui.cli.interrupts import interrupts
from tars.ui.cli.meaning import text_of
from tars.ui.cli.parser import count
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE, find_metascript, project_of
from tars.ui.cli.recalling import recalling

EXAMPLES = (
    ("tarscli simulate-agentic pipeline.tars --dry-run", "what a run would make, and how long it would take"),
    ("tarscli simulate-agentic pipeline.tars --dry-run --inputs recorded", "with the inputs in the folder recorded/"),
    ("tarscli simulate-agentic pipeline.tars --dry-run --generate 7", "with inputs of the same form, made from seed 7"),
)
SURE_AS_BEFORE = 0.01
"""A belief whose confidence differs by less is as it was."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the metascript (default: the only one here)")
    parser.add_argument("--dry-run", action="store_true", help="say that nothing is to be changed; always needed")
    parser.add_argument("--inputs", type=Path, metavar="DIR", help="recorded inputs: its files replace the project's")
    parser.add_argument("--generate", type=int, metavar="SEED", help="make inputs of the same form as those there are")
    parser.add_argument("--seconds", type=float, default=0.0, metavar="S", help="end it after so long (default: never)")
    parser.add_argument("--jobs", type=count, default=0, metavar="N", help="modules at once (default: all cores)")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if not arguments.dry_run:
        raise UsageError("simulate-agentic changes nothing, and wants to hear that you know", hint="add --dry-run")
    if arguments.inputs is not None and not arguments.inputs.is_dir():
        raise UsageError(
            f"there is no folder `{arguments.inputs}`", hint="it holds inputs by their path in the project"
        )
    if not 0 <= arguments.seconds < 1e9:
        raise UsageError("--seconds is not less than 0", hint="leave it out, and it is waited to the end")
    path = find_metascript(arguments.file, arguments).absolute()
    project = project_of(arguments, path)
    relative = path.resolve().relative_to(project).as_posix()
    text = text_of(path)
    around = Around(recall=recalling(project), believed=believing(project, path))
    meaning = loaded(project, relative, text, around)
    errors = [one for one in meaning.diagnostics if one.severity is Severity.ERROR]
    if errors:
        raise InputError(f"{relative} has {len(errors)} findings and was not simulated", errors)
    with TemporaryDirectory(prefix="tars-simulate-") as scratch, interrupts(console) as cancel:
        how = Simulation(
            jobs=arguments.jobs, around=around, recorded=arguments.inputs, generated=arguments.generate,
            seconds_max=arguments.seconds, cancel=cancel,
        )  # fmt: skip
        ran = simulate(project, relative, text, Path(scratch), how)
        if cancel.is_set():
            raise TarsError("interrupted; nothing was changed", hint="run it again")
    _tell(ran, _before(project, list(ran.modules)), console)
    return 1 if ran.failure else 0


class _Before(Prefab, frozen=True):
    """What the last version made: digests of its outputs by path, and what its modules said."""

    outputs: Mapping[str, str]
    reported: Mapping[str, Reported]


def _tell(ran: Simulated, before: _Before, console: Console) -> None:
    changed = [path for path, digest in ran.outputs.items() if before.outputs.get(path) != digest]
    beliefs = list(_beliefs(ran.reported, before.reported))
    metrics = list(_metrics(ran.reported, before.reported))
    rows = [(path, said) for path, said in ran.inputs.items()]
    for address, seconds in ran.modules.items():
        last = before.reported.get(address)
        rows.append((address, f"{seconds:.3f} s" + (f", last {last.seconds:.3f} s" if last else "")))
    rows += [(path, "differs" if path in changed else "as in the last version") for path in ran.outputs]
    rows += [(f"{address} {name}", _change(old, new)) for address, name, old, new in (*metrics, *beliefs)]
    if rows:
        console.write(table([(printable(left), printable(right)) for left, right in rows]))
    modules: dict[str, Json] = {name: round(seconds, 4) for name, seconds in ran.modules.items()}
    console.answer({
        "seconds": round(ran.seconds, 4), "failure": ran.failure, "modules": modules,
        "outputs": dict(ran.outputs), "changed": [*changed], "inputs": dict(ran.inputs),
        "last_seconds": {name: round(one.seconds, 4) for name, one in before.reported.items()},
        "metrics": [_row(one) for one in metrics], "beliefs": [_row(one) for one in beliefs],
    })  # fmt: skip
    console.note(printable(f"failed: {ran.failure}") if ran.failure else f"It would run in {ran.seconds:.2f} s")


def _metrics(
    now: Mapping[str, Reported], before: Mapping[str, Reported]
) -> Iterator[tuple[str, str, float | None, float | None]]:
    """Address and name of each metric, what it was in the last version, and what it is."""
    for address, one in now.items():
        old = before[address].metrics if address in before else {}
        for name in sorted({*old, *one.metrics}):
            yield address, name, old.get(name), one.metrics.get(name)


def _beliefs(
    now: Mapping[str, Reported], before: Mapping[str, Reported]
) -> Iterator[tuple[str, str, float | None, float | None]]:
    """As `_metrics`, of those beliefs that are new, gone, or held more or less surely."""
    for address, one in now.items():
        old = before[address].beliefs if address in before else {}
        for name in sorted({*old, *one.beliefs}):
            was, is_now = old.get(name), one.beliefs.get(name)
            if was is None or is_now is None or abs(was - is_now) >= SURE_AS_BEFORE:
                yield address, name, was, is_now


def _change(old: float | None, new: float | None) -> str:
    if old is None:
        return f"{new:g}, and was not there"
    return f"{new:g}, last {old:g}" if new is not None else f"is gone, last {old:g}"


def _row(one: tuple[str, str, float | None, float | None]) -> dict[str, Json]:
    address, name, old, new = one
    return {"module": address, "name": name, "last": old, "now": new}


def _before(project: Path, addresses: list[str]) -> _Before:
    """Of the last version; nothing where the project has none."""
    if not (project / STATE).is_dir():
        return _Before({}, {})
    with open_store(project / STATE) as store:
        states = states_at(store, latest_number(store))
        outputs = {
            path: str(leaf.digest)
            for state in states.values()
            if state.outputs
            for path, leaf in store.objects.tree(state.outputs).items()
        }
        return _Before(outputs, reported_in(store, addresses))
