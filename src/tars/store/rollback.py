"""Rolling back: the source of an earlier version put back into the work tree, as a new version; nothing is ever lost.

What the work tree holds is first put into the store, under a `work-tree` entry that is committed before any file is
touched; then all the files are replaced or none, and the new version is committed with the last of them.
"""

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ducktools.classbuilder.prefab import replace

from tars.core.errors import UsageError
from tars.store.beneath import refuse_colliding
from tars.store.rewrite import put_back, rewrite_stored
from tars.store.tree import fault_of_path
from tars.store.values import Leaf, ModuleState, Tree
from tars.store.versions import append_version, latest_number, resolve, states_at, version

if TYPE_CHECKING:
    from tars.store.store import Store


def rollback(store: "Store", project: Path, selector: str, *, run: str = "") -> int:
    """Puts the source that `selector` names back beneath `project`; returns the number of the version that records it.

    A selector is `name@v3`, `name@latest`, `name@<digest prefix>`, or `v3` for every module as of that version.

    Files that the module's newest version has and the restored one has not are removed, unless another module reads
    them. Raises `UsageError` where the selector names nothing, and `StoreError` where a symbolic link or a folder is in
    the way; then, and wherever it is stopped, every file is as it was (after a kill: when TARS next works on them).
    """
    targets = _targets(store, selector)
    put_back(store, project)  # first, for afterwards it might take what is rolled back to for what was interrupted
    newest = states_at(store, latest_number(store))
    wanted = {path: leaf for state in targets for path, leaf in store.objects.tree(state.source).items()}
    known = {
        path for state in targets if state.name in newest for path in store.objects.tree(newest[state.name].source)
    }
    names = {state.name for state in targets}
    others = {
        path
        for name, state in newest.items()
        if name not in names and state.source
        for path in store.objects.tree(state.source)
    }
    gone = sorted(known - wanted.keys() - others)
    present = _put_present(store, project, {*wanted, *gone})
    if present:
        _save(store, present, selector, run)
    refuse_colliding(wanted, project)
    states = [replace(state, metrics=dict(state.metrics)) for state in targets]
    made = rewrite_stored(
        store, project, present, wanted, subject=selector,
        also=lambda transaction: append_version(transaction, states, run=run, reason=f"rollback to {selector}"),
    )  # fmt: skip
    return made()


def _targets(store: "Store", selector: str) -> list[ModuleState]:
    if "@" not in selector and selector[:1] == "v" and selector[1:].isdecimal():
        found = version(store, int(selector[1:]))
        if found.pruned:
            raise UsageError(f"version {selector} was pruned: its files are gone", hint="see `tarscli versions`")
        states = states_at(store, found.number)
        return list(states.values())
    return [resolve(store, selector)[1]]


def _put_present(store: "Store", project: Path, paths: set[str]) -> dict[str, Leaf]:
    """Puts those of the files that are in the work tree; a link is not followed, so what it points at is not put."""
    present = {}
    for path in sorted(paths):
        place = project / path
        if fault_of_path(path):
            continue
        try:
            status = os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            continue
        if stat.S_ISREG(status.st_mode):
            present[path] = store.objects.put_file(place)
    return present


def _save(store: "Store", present: Tree, selector: str, run: str) -> None:
    tree = store.objects.put_tree(present)
    with store.transaction() as tx:
        tx.append("work-tree", {"trees": [tree], "before": f"rollback to {selector}"}, subject=selector, run=run)
