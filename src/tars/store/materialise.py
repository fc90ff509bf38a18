"""The versions as folders that a person can look into.

A version is `<output>/versions/v3/agents/<name>/{source,artifact,outputs}/…`. The files are hard links to the read-only
objects, or copies where linking is impossible. The folders are made after the commit, each in one step, and may be
removed at any time: they are made again from the store.
"""

import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import quote

from tars.core.values import Digest
from tars.store.copy import copy_and_hash
from tars.store.durable import told
from tars.store.values import Leaf, ModuleState, Tree
from tars.store.versions import states_of, versions

if TYPE_CHECKING:
    from tars.store.store import Store

PARTS = ("source", "artifact", "outputs")
MODULES_PER_THREAD = 16
"""For fewer a thread more is not worth its start."""


def materialise(store: "Store", output: Path, numbers: Collection[int] | None = None) -> tuple[int, ...]:
    """Makes the folders of the versions that have none yet (all that are kept, or those of `numbers`); each holds the
    modules that the version changed. Returns the numbers made.

    Raises `CorruptError` where an object is missing, and `StoreError` where the disk refuses.
    """
    wanted = numbers if numbers is not None else [known.number for known in versions(store) if not known.pruned]
    return tuple(number for number in sorted(wanted) if _make(store, output, number))


def remove_pruned(store: "Store", output: Path) -> tuple[int, ...]:
    """Removes the folders of versions that were pruned; returns their numbers."""
    removed = []
    for known in versions(store):
        folder = folder_of(output, known.number)
        if known.pruned and folder.exists():
            with told(f"remove {folder}"):
                _remove(folder)
            removed.append(known.number)
    return tuple(removed)


def folder_of(output: Path, number: int) -> Path:
    """The folder of a version."""
    return output / "versions" / f"v{number}"


def module_folder(name: str) -> str:
    """A module's name as the name of a folder: whatever could climb or is no file name is escaped as in a URL."""
    escaped = quote(name, safe=" +,=@()[]{}!&;~")
    return escaped.replace(".", "%2E", 1) if escaped.startswith(".") else escaped


def files_of(state: ModuleState, tree_of: Callable[[Digest], Tree]) -> Iterator[tuple[str, Leaf]]:
    """The files of a module's folder, by their paths beneath it; `tree_of` reads a tree."""
    for part in PARTS:
        digest: Digest = getattr(state, part)
        if digest:
            for path, leaf in tree_of(digest).items():
                yield f"{part}/{path}", leaf


def link_or_copy(store: "Store", leaf: Leaf, target: str) -> None:
    """Makes `target` a hard link to the object, or a read-only copy of it where it cannot be one. Raises `OSError`."""
    source = store.objects.path(leaf.digest)
    mode = os.stat(source).st_mode
    if bool(mode & 0o100) == leaf.executable and mode & 0o044:
        try:
            os.link(source, target)
            return
        except FileExistsError:
            raise
        except OSError:
            pass  # Another file system, none with links, or too many links to this object.
    with open(source, "rb") as file:
        copy_and_hash(file.fileno(), target, 0o555 if leaf.executable else 0o444)


def _make(store: "Store", output: Path, number: int) -> bool:
    folder = folder_of(output, number)
    if folder.exists():
        return False
    states = states_of(store, number)
    if not states:
        return False
    scratch = folder.with_name(f".v{number}-{os.getpid()}-{os.urandom(4).hex()}")
    with told(f"make {folder}"):
        try:
            os.makedirs(f"{scratch}/agents")
            _fill_all(store, states, f"{scratch}/agents")
            try:
                os.rename(scratch, folder)
            except OSError:
                if not folder.exists():
                    raise
                return False  # Another process made it meanwhile.
        finally:
            if scratch.exists():
                _remove(scratch)
    return True


def _fill_all(store: "Store", states: Mapping[str, ModuleState], folder: str) -> None:
    """Fills the folders of all modules; with several threads, because making folders is waiting for the disk."""
    waiting = iter(states.items())
    errors: list[BaseException] = []

    def work() -> None:
        try:
            # One item at a time is taken from an iterator of a dictionary, whichever thread asks.
            while not errors and (item := next(waiting, None)) is not None:
                name, state = item
                _fill(store, state, f"{folder}/{module_folder(name)}")
        except BaseException as error:
            errors.append(error)

    helpers = [Thread(target=work) for _ in range(min(len(states) // MODULES_PER_THREAD, os.cpu_count() or 1) - 1)]
    for helper in helpers:
        helper.start()
    work()
    for helper in helpers:
        helper.join()
    if errors:
        raise errors[0]


def _fill(store: "Store", state: ModuleState, folder: str) -> None:
    made: set[str] = set()
    for path, leaf in files_of(state, store.objects.tree_just_put):
        target = f"{folder}/{path}"
        _make_folders(folder, path, made)
        link_or_copy(store, leaf, target)


def _make_folders(folder: str, path: str, made: set[str]) -> None:
    """As `os.makedirs` for the parents of `folder/path`, but it asks the disk about none twice: 10,000 modules have
    many folders."""
    place = folder
    for part in path.split("/"):
        if place not in made:
            os.mkdir(place)
            made.add(place)
        place = f"{place}/{part}"


def _remove(folder: Path) -> None:
    def retry(remove: Callable[..., object], path: str, _: object) -> None:
        os.chmod(path, stat.S_IWRITE | stat.S_IREAD | stat.S_IEXEC)
        remove(path)

    # Only Windows refuses to remove read-only files; nowhere else is the mode touched, since it is the object's own.
    shutil.rmtree(folder, onerror=retry if os.name == "nt" else None)
