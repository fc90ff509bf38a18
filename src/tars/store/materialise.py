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
from typing import TYPE_CHECKING
from urllib.parse import quote

from tars.core.errors import StoreError
from tars.core.values import Digest
from tars.store.copy import copy_and_hash
from tars.store.durable import told
from tars.store.values import Leaf, ModuleState, Tree
from tars.store.versions import states_of, versions

if TYPE_CHECKING:
    from tars.store.store import Store

PARTS = ("source", "artifact", "outputs")


def materialise(store: "Store", output: Path, numbers: Collection[int] | None = None) -> tuple[int, ...]:
    """Makes the folders of the versions that have none yet (all that are kept, or those of `numbers`); each holds the
    modules that the version changed. Returns the numbers made.

    Raises `CorruptError` where an object is missing, and `StoreError` where the disk refuses.
    """
    wanted = numbers if numbers is not None else [known.number for known in versions(store) if not known.pruned]
    missing = [number for number in sorted(wanted) if not folder_of(output, number).exists()]
    return tuple(number for number in missing if make_folder(store, output, number, states_of(store, number)))


def make_folder(store: "Store", output: Path, number: int, states: Mapping[str, ModuleState]) -> bool:
    """Makes the folder of the version that changed these modules; False where there is one. Raises as `materialise`."""
    folder = folder_of(output, number)
    if folder.exists() or not states:
        return False
    scratch = folder.with_name(f".v{number}-{os.getpid()}-{os.urandom(4).hex()}")
    with told(f"make {folder}"):
        try:
            os.makedirs(f"{scratch}/agents")
            for name, state in states.items():
                _fill(store, state, f"{scratch}/agents/{module_folder(name)}")
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


def remove_pruned(store: "Store", output: Path) -> tuple[StoreError, ...]:
    """Removes the folders of versions that were pruned; returns why it could not, for each that is still there. What
    stands in the place of one and is no folder is not removed."""
    refusals = []
    for known in versions(store):
        folder = folder_of(output, known.number)
        if known.pruned and folder.exists():
            try:
                with told(f"remove {folder}"):
                    _remove(folder)
            except StoreError as error:
                refusals.append(error)
    return tuple(refusals)


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
    source = store.objects.file(leaf.digest)
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


def _fill(store: "Store", state: ModuleState, folder: str) -> None:
    made: set[str] = set()
    for path, leaf in files_of(state, store.objects.tree_just_put):
        target = f"{folder}/{path}"
        _make_folders(target[: target.rindex("/")], len(folder), made)
        link_or_copy(store, leaf, target)


def _make_folders(folder: str, least: int, made: set[str]) -> None:
    """As `os.makedirs` from the first `least` characters of `folder` on, but it asks the disk about none twice: 10,000
    modules have many folders."""
    if folder not in made:
        if len(folder) > least:
            _make_folders(folder[: folder.rindex("/")], least, made)
        os.mkdir(folder)
        made.add(folder)


def _remove(folder: Path) -> None:
    def go_on(remove: Callable[..., object], path: str, failure: tuple[object, BaseException, object]) -> None:
        error = failure[1]
        if isinstance(error, FileNotFoundError):
            return  # Another process removes it too.
        # Only Windows refuses to remove read-only files; nowhere else is the mode touched: it is the object's own.
        if os.name != "nt":
            raise error
        os.chmod(path, stat.S_IWRITE | stat.S_IREAD | stat.S_IEXEC)
        remove(path)

    shutil.rmtree(folder, onerror=go_on)
