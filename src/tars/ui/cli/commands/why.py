"""Say why a module would run or would not, and what made it run the last time.

It names the exact input, command, tool or setting that changed since the module last succeeded.
"""

import argparse

from ducktools.classbuilder.prefab import replace

from tars.runner.events import Options, Planned, Status
from tars.ui.cli.believing import believing
from tars.ui.cli.commands.run import variables_of
from tars.ui.cli.console import Console, table
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.parser import names
from tars.ui.cli.printable import one_line
from tars.ui.cli.project import find_metascript, project_of
from tars.ui.cli.recalling import recalling
from tars.ui.cli.times import when

EXAMPLES = (
    ("tarscli why rank", "what changed since `rank` last ran"),
    ("tarscli why rank --all", "everything that its result rests on"),
)
_WORDS = {
    "run": "would run",
    "restore": "would be restored from the store",
    "cached": "would not run",
    "unavailable": "cannot run here",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the module's name or address")
    parser.add_argument("--file", metavar="FILE", help="the metascript; default: the only one in the folder")
    parser.add_argument("--all", action="store_true", help="list everything that the module's result rests on")
    parser.add_argument("--var", action="append", default=[], metavar="NAME=VALUE", help="as in `tarscli run`")
    parser.add_argument("--sandbox", type=names, default=(), metavar="CHAIN", help="as in `tarscli run`")


def run(arguments: argparse.Namespace, console: Console) -> int:
    from tars.runner.preview import plan, why  # noqa: PLC0415 - the engine is slow to load; `--help` does without

    path = find_metascript(arguments.file, arguments)
    options = Options(
        path.absolute(),
        project_of(arguments, path),
        only=(arguments.name,),
        variables=variables_of(arguments.var),
        sandbox=arguments.sandbox,
        recall=recalling(project_of(arguments, path)),
        believed=believing(project_of(arguments, path), path),
    )
    console.project = options.project
    own = plan(replace(options, with_needs=True))
    address = _address(arguments.name, own)
    answer = why(options, address)
    planned = answer.planned
    console.answer(
        {
            "module": planned.address,
            "action": planned.action,
            "why": planned.why,
            "changes": list(answer.changes),
            "grounds": json_value(answer.grounds),
            "last_run": answer.last_run,
            "last_time": answer.last_time,
            "last_status": answer.last_status,
            "last_why": answer.last_why,
        }
    )
    console.write(f"{planned.address} {_WORDS[planned.action]}: {one_line(planned.why)}")
    for change in answer.changes:
        if change not in planned.why:
            console.write(f"  also: {one_line(change)}")
    if answer.last_time is not None:
        because = f": {one_line(answer.last_why)}" if answer.last_why else ""
        ended = f" ({answer.last_status})" if answer.last_status != Status.SUCCEEDED else ""
        console.write(f"It last ran on {when(answer.last_time)}, in run {answer.last_run}{ended}{because}")
    if arguments.all and answer.grounds:
        console.write("\nIts result rests on:")
        console.write(table([("", one_line(name), one_line(value)) for name, value in sorted(answer.grounds.items())]))
    return 3 if planned.action == "unavailable" else 0


def _address(name: str, planned: tuple[Planned, ...]) -> str:
    """The address that the name means; the plan of `only = name` ends with it, and has refused an unknown one."""
    found = [one.address for one in planned if name in (one.address, one.address.rpartition(".")[2])]
    return found[-1]
