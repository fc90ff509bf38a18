"""A project folder and its `.tars/`: where they are, what is known of the project's files, and who is at work in it."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.core.removal import remove_tree
from tars.core.values import Digest
from tars.runner.files import Files, Known, Stamp
from tars.store import Store, open_store
from tars.store.lock import Lock
from tars.store.shared import Shared, default_root

STATE: Final = ".tars"
FILES_FORMAT: Final = "tars-files 1"
_RUN_NAME = r"\d{8}T\d{6}-[0-9a-f]{6}"


class Workspace(Prefab, frozen=True):
    """An opened project. `seconds` are the measured durations of modules by address."""

    project: Path
    store: Store
    shared: Shared
    files: Files
    seconds: dict[str, float]

    @property
    def state(self) -> Path:
        return self.project / STATE

    @property
    def scratch(self) -> Path:
        return self.state / "tmp"

    @property
    def cache(self) -> Path:
        """Derived things: may be deleted at any time."""
        return self.state / "cache"


def find_project(start: Path) -> Path:
    """The nearest folder at or above `start` (a metascript or a folder) that holds `.tars/`, else the folder itself."""
    folder = start.absolute()
    folder = folder if folder.is_dir() else folder.parent
    for candidate in (folder, *folder.parents):
        if (candidate / STATE).is_dir():
            return candidate
    return folder


@contextmanager
def open_workspace(project: Path, *, verify: bool = False) -> Iterator[Workspace]:
    """Opens a project's store, its user's shared cache, and what was learnt of its files by earlier runs."""
    state = project / STATE
    with open_store(state) as store:
        known, seconds = _read_known(state / "cache" / "files")
        yield Workspace(project, store, Shared(default_root()), Files(project, known, verify), seconds)


def save_known(workspace: Workspace) -> None:
    """Keeps the digests and durations for the next run. Losing them costs time, never truth, so that a project that can
    only be read is no reason to fail."""
    lines = [FILES_FORMAT]
    for path, (stamp, digest, trusted) in workspace.files.known.items():
        if trusted and "\n" not in path:
            lines.append(f"f {stamp.size} {stamp.mtime_ns} {stamp.ctime_ns} {stamp.inode} {digest} {path}")
    lines += [f"s {seconds:.6f} {address}" for address, seconds in workspace.seconds.items()]
    with suppress(OSError):
        replace_text(workspace.cache / "files", "\n".join(lines))


def sweep(workspace: Workspace) -> None:
    """Removes the scratch folders of runs that were killed, for a process that holds the project's run lock."""
    if workspace.scratch.is_dir():
        for folder in workspace.scratch.iterdir():
            if folder.is_dir() and re.fullmatch(_RUN_NAME, folder.name):
                discard(folder)


def discard(folder: Path) -> None:
    """Removes a scratch folder as far as that goes; what is left, the next run's `sweep` tries again."""
    with suppress(OSError):
        remove_tree(folder)


def replace_text(path: Path, text: str) -> None:
    """Writes a derived file so that a reader sees the old or the new content; without the cost of a sync."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", errors="surrogateescape")
    os.replace(temporary, path)


def run_lock(store: Store) -> Lock:
    """The lock that whoever runs modules of a project, or makes versions of it, holds exclusively."""
    return Lock(store.root / "locks" / "run")


def try_run_lock(workspace: Workspace, run: str, stack: ExitStack, *, seconds_max: float) -> str:
    """Lets one run at a time work in a project, until `stack` is closed or this process dies.

    Returns `""` when the lock was had within `seconds_max`, else the name of the run that holds it. Raises `UsageError`
    when this process was itself started by that run, and would wait for ever.
    """
    name = workspace.state / "locks" / "run.name"
    with ExitStack() as tried:
        if tried.enter_context(run_lock(workspace.store).exclusive(seconds_max=seconds_max)):
            name.write_text(run, encoding="utf-8")
            stack.push(tried.pop_all())
            return ""
    other = name.read_text(encoding="utf-8") if name.exists() else "that is just beginning"
    if os.environ.get("TARS_RUN") == other:
        hint = "let the metascript include the other one, or use `--project` with a folder of its own"
        raise UsageError(f"run {other} of this project would wait for itself", hint=hint)
    return other


def _read_known(path: Path) -> tuple[dict[str, Known], dict[str, float]]:
    known: dict[str, Known] = {}
    seconds: dict[str, float] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        if lines[0] != FILES_FORMAT:
            return known, seconds
        for line in lines[1:]:
            if line.startswith("f "):
                _, size, mtime, ctime, inode, digest, name = line.split(" ", 6)
                known[name] = Known(Stamp(int(size), int(mtime), int(ctime), int(inode)), Digest(digest), True)
            else:
                _, duration, address = line.split(" ", 2)
                seconds[address] = float(duration)
    except (OSError, ValueError):
        return {}, {}  # derived data: without it, everything is read again
    return known, seconds
