"""Which metascript and which project a command is about, from its arguments and the current folder."""

import argparse
import os
import stat
from pathlib import Path

from tars.core.errors import UsageError
from tars.runner.workspace import find_project as nearest_project
from tars.store.shared import default_root

STATE = ".tars"


def user_cache() -> Path:
    """The user-wide cache folder; it may not exist yet."""
    return default_root()


def find_metascript(given: str | None, arguments: argparse.Namespace) -> Path:
    """The metascript that was named, else the only one in the project's (or the current) folder.

    Raises `UsageError` where there is none, or more than one and none was named.
    """
    if given is not None:
        return existing_file(given, "metascript")
    folder = Path(arguments.project or ".")
    found = metascripts(folder)
    if len(found) == 1:
        return found[0]
    place = "this folder" if not arguments.project else f"`{folder}`"
    if not found:
        hint = "name one, or start a project with `tarscli new demo`"
        raise UsageError(f"there is no metascript (*.tars) in {place}", hint=hint)
    listed = ", ".join(path.name for path in found[:5])
    verb = "run" if "verb" not in arguments else arguments.verb
    raise UsageError(
        f"there are {len(found)} metascripts in {place}: {listed}", hint=f"name one: `tarscli {verb} {found[0]}`"
    )


def metascripts(folder: Path) -> list[Path]:
    """The `.tars` files of a folder, sorted. Raises `UsageError` where it is not a folder."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.name.endswith(".tars") and entry.name != STATE]
    except OSError as error:
        raise UsageError(
            f"cannot look into `{folder}`: {(error.strerror or '').lower()}", hint="check --project"
        ) from error
    return sorted(folder / name for name in names if (folder / name).is_file())


def existing_file(given: str, noun: str, *, pipe: bool = False) -> Path:
    """The path of a file that can be read. Raises `UsageError` that says why it is not one. With `pipe` it may also be
    a pipe, which is not opened: what it holds can be read only once."""
    path = Path(given)
    try:
        mode = path.stat().st_mode
        if pipe and stat.S_ISFIFO(mode):
            return path
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise UsageError(f"`{given}` is a pipe or a device, not a {noun}", hint="write its content to a file")
        with open(path, "rb"):
            return path
    except IsADirectoryError:
        found = metascripts(path) if noun == "metascript" else []
        hint = f"did you mean `{found[0]}`?" if found else f"name a {noun} in it"
        raise UsageError(f"`{given}` is a folder, not a {noun}", hint=hint) from None
    except FileNotFoundError:
        if path.is_symlink():
            message = f"`{given}` is a link to `{os.readlink(path)}`, which does not exist"
            raise UsageError(message, hint="mend the link, or name another file") from None
        raise UsageError(f"there is no file `{given}`", hint=_near_file(path)) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"cannot read `{given}`: {reason}", hint="check the path and its permissions") from error


def project_of(arguments: argparse.Namespace, metascript: Path | None = None) -> Path:
    """The project's folder: as `--project` says, else the nearest folder at or above the metascript (or the current
    folder) that holds `.tars/`, else the metascript's own folder. Raises `UsageError` where it is not a folder."""
    if arguments.project:
        folder = Path(arguments.project)
        if not folder.is_dir():
            raise UsageError(f"`{folder}` is not a folder", hint="--project names the project's folder")
        return folder.resolve()
    return nearest_project(metascript or Path(".")).resolve()


def known_project(arguments: argparse.Namespace) -> Path:
    """The folder of a project that has run at least once. Raises `UsageError` where there is none."""
    project = project_of(arguments)
    if not (project / STATE).is_dir():
        place = f"`{arguments.project}`" if arguments.project else "this folder"
        raise UsageError(
            f"{place} is not a TARS project: there is no `.tars` folder"
            + ("" if arguments.project else " in it or above"),
            hint="`tarscli run FILE` makes one; `--project DIR` names another folder",
        )
    return project


def _near_file(path: Path) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    try:
        names = [name for name in os.listdir(path.parent) if name != STATE]  # which looks like any `x.tars`
        near = get_close_matches(path.name, names, n=1)
    except OSError:
        return f"there is no folder `{path.parent}` either"
    return f"did you mean `{path.parent / near[0]}`?" if near else "check the path"
