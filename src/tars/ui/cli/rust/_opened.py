"""Which project an action is about, and its store, in which whatever was interrupted is taken back first."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tars.core.errors import UsageError
from tars.store import Store, open_store
from tars.ui.cli.console import Console
from tars.ui.cli.project import STATE, known_project, project_of
from tars.ui.cli.worktree import take_back


def project_around(arguments: argparse.Namespace, folder: Path) -> Path:
    """The project that `folder`, which is to be worked on, belongs to: as `--project` says, else the nearest folder at
    or above it that holds `.tars/`, else the folder itself. Raises `UsageError` where `--project` does not hold it."""
    if not arguments.project:
        return project_of(arguments, folder)
    project = project_of(arguments)
    if not folder.resolve().is_relative_to(project):
        raise UsageError(
            f"`{folder}` is not in the project `{arguments.project}`",
            hint="--project names a folder that holds it; without it, the nearest one with `.tars` is taken",
        )
    return project


def root_of(project: Path, folder: Path) -> str:
    """The folder relative to its project, as patches name it: empty for the project itself."""
    relative = folder.resolve().relative_to(project).as_posix()
    return "" if relative == "." else relative


@contextmanager
def opened(project: Path, console: Console) -> Iterator[Store]:
    """The project's store; what a stopped process left half-way is taken back, and told."""
    with open_store(project / STATE) as store:
        take_back(store, project, console)
        yield store


@contextmanager
def opened_known(arguments: argparse.Namespace, console: Console) -> Iterator[tuple[Path, Store]]:
    """The project around the current folder, and its store. Raises `UsageError` where nothing was ever done."""
    try:
        project = known_project(arguments)
    except UsageError as error:
        raise UsageError(error.message, hint="`tarscli rust fix PATH` makes one; --project names another") from None
    with opened(project, console) as store:
        yield project, store
