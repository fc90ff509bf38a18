"""Start a project from a template, or a module from an agent's source; both run at once.

The project is a new folder with a metascript (pipeline.tars), its agents and their data. Nothing is ever overwritten.
`new module --from FILE` reads the source (Python, TypeScript, JavaScript, Rust, Go), finds the function that starts it
and what it takes and gives, and adds the block to the metascript, with a schema where the types say it.
"""

import argparse
import os
import shlex
from contextlib import suppress
from pathlib import Path

from tars.core.errors import TarsError, UsageError
from tars.core.near import close_matches
from tars.lang.schema import language_named
from tars.store.durable import refusal, told
from tars.ui.cli import templates
from tars.ui.cli.console import Console, table, terminal_width
from tars.ui.cli.newmodule import new_module
from tars.ui.cli.printable import printable

EXAMPLES = (
    ("tarscli new demo", "a project with two Python agents, in the new folder `demo`"),
    ("tarscli new demo --lang all", "five agents in five languages, chained by their data"),
    ("tarscli new module --from agents/rank.ts", "a block for this agent, in the metascript of this folder"),
    ("tarscli new --list", "the templates and what each shows"),
)
IGNORED = "# Made by runs; can be made again.\n/.tars/\n/output/\n"
_METASCRIPT = "pipeline.tars"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", metavar="FOLDER", help="the new project's folder; `.` is this one; or `module`"
    )
    parser.add_argument(
        "--lang",
        default="python",
        metavar="LANGUAGE",
        help=f"{', '.join(names())}, or another of --list; default: python",
    )
    parser.add_argument("--list", action="store_true", help="list the templates")
    group = parser.add_argument_group("With `module`")
    group.add_argument("--from", dest="source", metavar="FILE", help="the agent's source file")
    group.add_argument("--entry", metavar="NAME", help="the function that starts it; default: found in the source")
    group.add_argument("--name", metavar="NAME", help="the module's name; default: the file's")
    group.add_argument(
        "--file", metavar="FILE", help="the metascript; default: the only one in the folder, or a new one"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.list:
        listed = {name: first_comment(name) for name in names()}
        console.answer({"templates": listed})
        console.write(table(list(listed.items()), width=terminal_width()))
        return 0
    if arguments.source:
        if arguments.folder != "module":
            hint = f"`tarscli new module --from {arguments.source}`"
            raise UsageError("`--from` makes a module", hint=hint)
        return new_module(arguments, console)
    given = next((name for name in ("entry", "name", "file") if getattr(arguments, name)), "")
    if given:
        raise UsageError(f"--{given} goes with `new module --from FILE`", hint="add `--from`, or leave it out")
    if not arguments.folder:
        raise UsageError("the new project's folder is missing", hint="for instance `tarscli new demo`")
    files = template(arguments.lang)
    base = Path(arguments.project or ".")
    folder = base / arguments.folder
    write_project(folder, files)
    console.answer({"folder": str(folder), "files": sorted(files)})
    for name in sorted(files):
        console.write(printable(str(folder / name)))
    enter = f"cd {shlex.quote(str(folder))} && " if folder.resolve() != Path.cwd() else ""
    console.note(printable(f"A new project is in {folder}. Next: {enter}tarscli run"))
    return 0


def names() -> tuple[str, ...]:
    """The templates, sorted, `all` last."""
    found = sorted(entry.name for entry in _root().iterdir() if (entry / _METASCRIPT).is_file())
    return tuple(sorted(found, key=lambda name: (name == "all", name)))


def first_comment(name: str) -> str:
    """What the template shows: the first comment of its metascript."""
    return (_root() / name / _METASCRIPT).read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


def template(name: str) -> dict[str, bytes]:
    """The template's files by path. Raises `UsageError` with the nearest name where there is none."""
    name = language_named(name)  # `ts` is a spelling of `typescript`
    if name not in names():
        near = close_matches(name, names(), n=1)
        hint = f"did you mean `--lang {near[0]}`?" if near else f"there are {', '.join(names())}"
        raise UsageError(f"there is no template `{name}`", hint=hint)
    root = _root() / name
    found = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found} | {".gitignore": IGNORED.encode()}


def write_project(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files into the folder. One that is made comes whole: killed in between, the command can be repeated.

    Raises `TarsError` where one of the files is there already.
    """
    there = sorted(name for name in files if (folder / name).exists())
    if there:
        raise TarsError(
            f"`{folder}` already has {', '.join(there[:3])}{', …' if len(there) > 3 else ''}; nothing was written",
            hint="name a new folder",
        )
    made: list[Path] = []
    place = folder if os.path.lexists(folder) else folder.with_name(f".tars-new-{os.getpid()}")
    try:
        for name, data in files.items():
            _write_new(place / name, data, made)
        if place != folder:
            with told(f"make `{folder}`"):
                os.rename(place, folder)
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def _write_new(path: Path, data: bytes, made: list[Path]) -> None:
    """Write a file and the folders above it; `made` is what was not there before, in the order in which it came."""
    try:
        for folder in reversed(path.parents):
            if not folder.exists():
                folder.mkdir()
                made.append(folder)
        with open(path, "xb") as file:
            made.append(path)
            file.write(data)
    except (FileExistsError, NotADirectoryError) as error:
        raise TarsError(f"`{path}` cannot be made: a file is in the way", hint="name a new folder") from error
    except OSError as error:
        raise refusal(f"make `{path}`", error) from error


def _root() -> Path:
    return Path(templates.__path__[0])
