"""What stands in the project where outputs go: kept before it is replaced, removed where it is out of date."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Final

from tars.core.errors import CorruptError, TarsError
from tars.core.values import Json
from tars.lang.values import Module
from tars.runner.events import Notice
from tars.runner.files import Files
from tars.runner.outputs import FINDINGS_MAX, judge_target
from tars.store import Entry, Leaf, ModuleState, Objects, Store
from tars.store.beneath import remove_beneath
from tars.store.versions import newest_state

WORK_TREE: Final = "work-tree"
"""The kind of the entries that name files of the work tree as they were before TARS replaced them."""


def put_replaced(leaves: Mapping[str, Leaf], project: Path, files: Files, objects: Objects) -> dict[str, Leaf]:
    """Stores those files that are about to be replaced by `leaves` and whose content the store lacks: somebody else
    than TARS wrote them. What stands there is read only where it may have changed since it last was.

    Raises `TarsError` where one cannot be read or stored; then none may be replaced.
    """
    found = {}
    for path, leaf in leaves.items():
        try:
            if not S_ISREG(os.lstat(f"{project}/{path}").st_mode):
                continue
        except OSError:
            continue
        digest = files.digest_now(path)
        if digest != leaf.digest and not objects.adopt(digest):
            found[path] = objects.put_file(f"{project}/{path}")
    return found


def note_replaced(store: Store, run: str, address: str, replaced: Mapping[str, Leaf]) -> None:
    """Has the journal name what is about to be replaced; durable when this returns."""
    tree = store.objects.put_tree(replaced)
    with store.transaction() as transaction:
        body: dict[str, Json] = {"trees": [tree], "before": f"outputs of {address}"}
        transaction.append(WORK_TREE, body, subject=address, run=run)


def told_replaced(address: str, replaced: Mapping[str, Leaf], project: Path, objects: Objects) -> Iterator[Notice]:
    """What the user should know of files that were replaced and are kept."""
    for path, leaf in list(replaced.items())[:FINDINGS_MAX]:
        kept = os.path.relpath(objects.file(leaf.digest), project)
        told = f"{path} was replaced by {address}; what stood there was not written by TARS and is kept in the store"
        yield Notice(told, f"`cp {kept} {path}` brings it back")
    if len(replaced) > FINDINGS_MAX:
        yield Notice(f"{len(replaced) - FINDINGS_MAX} more files were replaced by {address} and are kept in the store")


def delivers_exactly(module: Module, paths: Collection[str]) -> bool:
    """Whether the paths are the outputs that the module declares, none of which is a folder then."""
    return {path.rstrip("/") for path in module.outputs} == set(paths)


def written_before(store: Store, module: Module, last: Entry | None, state: ModuleState | None) -> frozenset[str]:
    """The files that a module's last success delivered, and those of its newest `state`, which may be an older result
    that was restored since. None where all are single files that it declares: a run replaces these as they are."""
    placed = last.body["placed"] if last is not None else {}
    assert isinstance(placed, Mapping), "what a result placed is a mapping"
    if delivers_exactly(module, placed):
        return frozenset()
    state = state or newest_state_of(store, module)
    tree: Mapping[str, Leaf] = {}
    if state is not None and state.outputs:
        with suppress(CorruptError):  # then something may be left over; the result itself is not in doubt
            tree = store.objects.tree_just_put(state.outputs)
    return frozenset((*placed, *tree))


def newest_state_of(store: Store, module: Module) -> ModuleState | None:
    """The module's state in the newest version that changed it."""
    found = newest_state(store, module.name)
    return None if found is None else found[1]


def remove_stale(
    module: Module, before: Collection[str], now: Collection[str], project: Path, files: Files, objects: Objects
) -> list[str]:
    """Removes from the folders that a module declares as outputs what it delivered `before` and does not deliver `now`,
    so that whoever reads the folder finds this result and no other. Returns what was removed.

    A file stays whose content is not in the store: somebody else wrote it, and it could not be had back.
    """
    folders = tuple([f"{path.rstrip('/')}/" for path in module.outputs])
    removed = []
    for path in sorted(before):
        if path in now or not path.startswith(folders):
            continue
        try:
            digest = files.digest_now(path)
        except TarsError:
            continue  # a folder, a FIFO or something unreadable stands there
        if digest != "absent" and objects.adopt(digest):
            remove_beneath(project, path)
            files.digest_of(path)  # the result rests on its being absent
            _remove_empty(project, path, folders)
            removed.append(path)
    return removed


def make_empty(module: Module, now: Collection[str], project: Path, files: Files) -> None:
    """Makes those folders that a module declares as outputs and that hold no file: an empty result is one, too.

    Raises `TarsError` where one cannot be made.
    """
    if delivers_exactly(module, now):
        return
    for declared in module.outputs:
        path = declared.rstrip("/")
        if path in now or any(other.startswith(f"{path}/") for other in now):
            continue
        for fault in judge_target(f"{path}/.", project):
            raise TarsError(fault)
        try:
            os.makedirs(f"{project}/{path}", exist_ok=True)
        except OSError as error:
            raise TarsError(f"cannot make the folder {path}: {error.strerror}", hint="is a file in the way?") from error
        files.digests_below(path)


def _remove_empty(project: Path, path: str, folders: tuple[str, ...]) -> None:
    """Removes the folders that have become empty, but for those that are declared."""
    folder = path.rpartition("/")[0]
    with suppress(OSError):
        while folder.startswith(folders):
            os.rmdir(f"{project}/{folder}")
            folder = folder.rpartition("/")[0]
