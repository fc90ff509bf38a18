"""Show what this machine can run, and what is missing for which module.

It looks for the tools of every language (with version and real path), builds and runs a sample of each, tries every
sandbox by running something in it, and, in a project, names each module that misses something, with the command that
installs it. Exit code 3 says that the project lacks something here.
"""

import argparse
import platform
import sys
from pathlib import Path

from tars import __version__
from tars.core.errors import InputError
from tars.store.shared import Shared
from tars.ui.cli.commands.gc import folder_size
from tars.ui.cli.console import Console, table, terminal_width
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.machine import Ability, Lack, Space, lacks, languages, sandboxes, space
from tars.ui.cli.meaning import load_file
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE, existing_file, metascripts, project_of, user_cache
from tars.ui.cli.times import size_text

EXAMPLES = (
    ("tarscli doctor", "languages, sandboxes, and what the project in this folder lacks"),
    ("tarscli doctor --quick", "without building and running a sample of each language"),
    ("tarscli doctor --sandboxes", "what each sandbox withstands on this machine, found by attacking it"),
    ("tarscli doctor --json", "the same for programs"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="look for the tools only; do not build and run anything")
    parser.add_argument(
        "--sandboxes", action="store_true", help="attack each sandbox, and show what it withstands; takes some seconds"
    )
    parser.add_argument("--file", metavar="FILE", help="ask for this metascript; default: all in the project's folder")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.sandboxes:
        return _attack_sandboxes(console)
    given = existing_file(arguments.file, "metascript") if arguments.file is not None else None
    project = console.project = project_of(arguments, given)
    missing = _missing(given, project, console)
    speaking, guarding = languages(Shared(user_cache()), trying=not arguments.quick), sandboxes()
    state, cache = project / STATE, user_cache()
    spaces = [space(cache, folder_size(cache))]
    if state.is_dir():
        spaces.insert(0, space(state, folder_size(state)))
    console.answer(
        {
            "tars": __version__,
            "python": platform.python_version(),
            "system": platform.platform(),
            "languages": json_value(speaking),
            "sandboxes": json_value(guarding),
            "missing": json_value(missing),
            "disks": json_value(spaces),
        }
    )
    console.write(
        f"tarscli {__version__}, Python {platform.python_version()} ({sys.executable}), {platform.platform()}"
    )
    console.write("\nLanguages\n" + _languages_text(speaking, console))
    console.write("\nSandboxes\n" + _sandboxes_text(guarding, console))
    console.write("\nDisks\n" + _disks_text(spaces))
    if missing:
        console.write("\nThis project cannot run here as it is:")
        console.write("\n".join(f"  {printable(lack.message)}" for lack in missing))
        return 3
    return 0


def _attack_sandboxes(console: Console) -> int:
    from tars.ui.cli.guarantees import attack_all, text  # noqa: PLC0415 - it loads what only attacks need

    rows = list(attack_all())
    console.answer({"sandboxes": json_value(rows)})
    console.write(text(rows))
    return 1 if any(row.wrong for row in rows) else 0


def _missing(given: Path | None, project: Path, console: Console) -> list[Lack]:
    """What the metascript that was named lacks, else all of the project's. Raises `InputError` where that one has
    errors; of others it is only told."""
    found: list[Lack] = []
    for path in [given] if given else metascripts(project):
        loaded = load_file(path.absolute(), project)
        if loaded.metascript is not None:
            found += lacks(loaded.metascript, project, loaded.texts)
            continue
        message = f"{path.name} has errors, so what it lacks is not known"
        if given:
            raise InputError(message, loaded.diagnostics)
        console.warning(message, f"`tarscli check {path.name}` lists them")
    return found


def _languages_text(abilities: tuple[Ability, ...], console: Console) -> str:
    lines = []
    width = max((len(one.name) for one in abilities), default=0)
    for one in abilities:
        lines.append(f"  {_mark(one, console)} {one.name.ljust(width)}  {printable(one.detail)}")
        indent = " " * (width + 12)
        for tool in one.tools:
            place = printable(tool.path) if tool.path else f"install it: {tool.install}"
            lines.append(f"{indent}{tool.tool}: {place}")
    return "\n".join(lines)


def _sandboxes_text(abilities: tuple[Ability, ...], console: Console) -> str:
    lines = []
    width = max((len(one.name) for one in abilities), default=0)
    for one in abilities:
        lines.append(f"  {_mark(one, console)} {one.name.ljust(width)}  {printable(one.detail)}")
        indent = " " * (width + 12)
        if one.ready:
            lines.append(f"{indent}guarantees: {', '.join(one.guarantees) or 'nothing'}")
        elif one.hint:
            lines.append(f"{indent}{printable(one.hint)}")
    return "\n".join(lines)


def _disks_text(spaces: list[Space]) -> str:
    rows = [("", one.path, f"{size_text(one.used_bytes)} used", f"{size_text(one.free_bytes)} free") for one in spaces]
    return table(rows, width=terminal_width())


def _mark(one: Ability, console: Console) -> str:
    return console.styled("ready  ", "good", out=True) if one.ready else console.styled("missing", "warning", out=True)
