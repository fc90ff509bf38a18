"""Build and run the modules of a metascript, only what has changed.

Each module runs after those that it needs. Without FILE it is the only metascript (*.tars) in the folder.

A module runs when something that it rests on has changed since it last succeeded: its source, its inputs, its
settings, its tools. All others are cached, and their outputs are restored where they are missing. A run that changed
anything makes the project's next version.

On a terminal a live table shows the modules; elsewhere every line that a module writes is shown as `name | line`. With
--json every event of the run is one JSON object on a line of its own.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from tars.core.errors import UsageError
from tars.runner.events import Event, Options
from tars.ui.cli.believing import believing
from tars.ui.cli.console import Console
from tars.ui.cli.parser import count, names
from tars.ui.cli.project import find_metascript, project_of
from tars.ui.cli.recalling import recalling

EXAMPLES = (
    ("tarscli run", "run the only metascript of this folder"),
    ("tarscli run pipeline.tars --dry-run", "show what would run, and why; run nothing"),
    ("tarscli run --only report --force", "run `report` again, though nothing has changed"),
    ("tarscli run --resume", "go on after an interrupted or failed run"),
    ("tarscli run --watch", "run, and run again whenever a file changes"),
    ("tarscli run --var top=10 --jobs 4", "set a variable; at most four modules at once"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the metascript; default: the only one in the folder")
    parser.add_argument("--only", type=names, default=(), metavar="A,B", help="only these modules, and what they need")
    parser.add_argument(
        "--from", type=names, default=(), dest="start_from", metavar="A,B", help="these modules and all that need them"
    )
    add_run_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="show what would run, and why; run nothing")
    parser.add_argument("--resume", action="store_true", help="go on where the last run of this metascript stopped")
    parser.add_argument("--watch", action="store_true", help="run again whenever a file of the project changes")


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """The options that every command that runs modules has."""
    failing = parser.add_mutually_exclusive_group()
    failing.add_argument("--keep-going", action="store_true", help="after a failure, run all that does not rest on it")
    failing.add_argument("--fail-fast", action="store_true", help="stop at the first failure (the default)")
    parser.add_argument("--force", action="store_true", help="run even what has not changed")
    parser.add_argument("--jobs", type=count, default=0, metavar="N", help="modules at once; default: as settings say")
    parser.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="the value of a variable; may be repeated"
    )
    parser.add_argument(
        "--sandbox",
        type=names,
        default=(),
        metavar="CHAIN",
        help="where modules run, such as `process` or `process,none`",
    )
    parser.add_argument(
        "--engine", default="local", metavar="NAME", help="where modules are executed: `local` (the default) or `ray`"
    )
    parser.add_argument("--verify", action="store_true", help="read every file again; do not trust sizes and times")
    parser.add_argument(
        "--otel", action="store_true", help="send the run as OpenTelemetry spans to OTEL_EXPORTER_OTLP_ENDPOINT"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.watch and arguments.dry_run:
        raise UsageError("--watch and --dry-run exclude each other", hint="leave one of them out")
    path = find_metascript(arguments.file, arguments)
    options = options_of(arguments, path)
    console.project = options.project
    if arguments.dry_run:
        from tars.ui.cli.display.plan_table import show_plan  # noqa: PLC0415 - loads the engine, which `--help` does without

        return show_plan(options, console)
    if arguments.watch:
        from tars.ui.cli.watching import run_watching  # noqa: PLC0415 - loads the engine, which `--help` does without

        return run_watching(options, console, arguments.file or "", tracer(arguments.otel))
    return run_once(options, console, arguments.file or "", arguments.otel)


def run_once(options: Options, console: Console, file: str, otel: bool = False) -> int:
    """Run and show it; `file` is the metascript as the user named it. The first Ctrl-C ends the run in good order.

    With `otel` it is traced. Raises `UnavailableError` where that needs a package that is not installed.
    """
    from tars.runner.run import run as run_modules  # noqa: PLC0415 - the engine is slow to load; `--help` does without
    from tars.ui.cli.display.progress import show_run  # noqa: PLC0415 - as above
    from tars.ui.cli.interrupts import interrupts  # noqa: PLC0415 - as above

    trace = tracer(otel)
    with interrupts(console) as cancel:
        return show_run(trace(run_modules(options, cancel)), console, file)


def tracer(otel: bool) -> Callable[[Iterator[Event]], Iterator[Event]]:
    """What the events of a run are sent through."""
    if not otel:
        return iter
    from tars.ui.cli.tracing import traced  # noqa: PLC0415 - an extra, and slow to load

    return traced


def options_of(arguments: argparse.Namespace, path: Path) -> Options:
    """The options of a run, from the arguments that `run` and `run-module` share. Raises `UsageError` where no engine
    has the name that was given."""
    if arguments.engine != "local":
        from tars.runner.engine import ENGINES  # noqa: PLC0415 - few runs have one

        if arguments.engine not in ENGINES:
            hint = f"known: {', '.join(sorted(('local', *ENGINES.names())))}"
            raise UsageError(f"there is no engine of runs `{arguments.engine}`", hint=hint)
    return Options(
        path=path.absolute(),
        project=project_of(arguments, path),
        only=getattr(arguments, "only", ()),
        start_from=getattr(arguments, "start_from", ()),
        variables=variables_of(arguments.var),
        jobs=arguments.jobs,
        keep_going=arguments.keep_going,
        force=arguments.force,
        resume=getattr(arguments, "resume", False),
        sandbox=arguments.sandbox,
        verify=arguments.verify,
        engine=arguments.engine,
        recall=recalling(project_of(arguments, path)),
        believed=believing(project_of(arguments, path), path),
    )


def variables_of(words: list[str]) -> dict[str, str]:
    """`name=value` words as a mapping. Raises `UsageError` for a word of another form, or a name given twice."""
    variables: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--var `{word}` is not of the form NAME=VALUE", hint="for instance `--var top=10`")
        if name in variables:
            raise UsageError(f"the variable `{name}` is given twice", hint="give it once")
        variables[name] = value
    return variables
