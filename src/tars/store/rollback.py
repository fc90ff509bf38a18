"""Rolling back: the source of an earlier version put back into the work tree, as a new version; nothing is ever lost.

First it is planned, which changes nothing. Before any file is touched, what the work tree holds and no version does
becomes a version of its own; then all the files are replaced or none, and the new version is committed with the last.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.errors import StoreError, UsageError
from tars.core.values import Digest
from tars.store.beneath import reading_beneath, refuse_colliding
from tars.store.copy import copy_and_hash
from tars.store.rewrite import ChangedError, is_open, rewrite_stored
from tars.store.values import Leaf, ModuleState, Tree
from tars.store.versions import append_version, kept_version, latest_number, number_of, resolve, states_at

if TYPE_CHECKING:
    from tars.store.store import Store

Action: TypeAlias = Literal["add", "replace", "remove"]


class Rollback(Prefab, frozen=True):
    """A rollback as it would be done. Of the files that it is about, `present` are those in the work tree, `wanted`
    those afterwards. `states` are the modules as they become; `unsaved` are the files of the modules that are in the
    work tree as no version has them, with the modules' newest states."""

    selector: str
    states: tuple[ModuleState, ...]
    present: Tree
    wanted: Tree
    unsaved: tuple[tuple[ModuleState, Tree], ...]

    @property
    def changes(self) -> tuple[tuple[Action, str], ...]:
        """What becomes of each file that does not stay as it is, by path."""
        paths = sorted({*self.present, *self.wanted})
        return tuple((_action(self, path), path) for path in paths if self.present.get(path) != self.wanted.get(path))


class RolledBack(Prefab, frozen=True):
    """What came of it: the numbers of the versions that were made, of which the last one records it; and the selector
    of what takes it back."""

    made: tuple[int, ...]
    undo: str


def plan_rollback(store: "Store", project: Path, selector: str) -> Rollback:
    """What it takes to put the source that `selector` names back beneath `project`. What was interrupted there must
    have been put back before: else it might be taken for what is rolled back to.

    A selector is `name@v3`, `name@latest`, `name@<digest prefix>`, or `v3` for every module as of that version.

    Files that the module's newest version has and the restored one has not are removed, unless another module reads
    them. Raises `UsageError` where the selector names nothing, and `StoreError` where a symbolic link, a folder or
    another thing that is no regular file is in the way.
    """
    assert not is_open(store)
    targets = _targets(store, selector)
    newest = states_at(store, latest_number(store))
    recorded = {name: _source(store, state) for name, state in newest.items()}
    sources = {name: _source(store, state) for name, state in targets.items()}
    wanted = {path: leaf for source in sources.values() for path, leaf in source.items()}
    known = {path for name in targets for path in recorded[name]}
    others = {path for name, source in recorded.items() if name not in targets for path in source}
    touched = {*wanted, *(known - others)}
    present = {path: leaf for path in sorted(touched) if (leaf := _leaf(project, path))}
    refuse_colliding(wanted, project)
    unsaved = []
    for name in newest if number_of(selector) is not None else targets:
        paths = {*recorded[name], *sources.get(name, ())}
        found = {path: _found(project, path, present, touched, recorded[name]) for path in sorted(paths)}
        files = {path: leaf for path, leaf in found.items() if leaf}
        if files != recorded[name]:
            unsaved.append((newest[name], files))
    return Rollback(selector, tuple(targets.values()), present, wanted, tuple(unsaved))


def rollback(store: "Store", project: Path, plan: Rollback, *, run: str = "") -> RolledBack:
    """Does what is planned. Raises `ChangedError` where a file is not as it was then, and `StoreError`; then, and
    wherever it is stopped, every file is as it was (after a kill: when TARS next works on them)."""
    saved = _save(store, project, plan, run)
    before = saved[0] if saved else latest_number(store)
    states = [replace(state, metrics=dict(state.metrics)) for state in plan.states]
    made = rewrite_stored(
        store, project, plan.present, plan.wanted, subject=plan.selector,
        also=lambda transaction: append_version(transaction, states, run=run, reason=f"rollback to {plan.selector}"),
    )  # fmt: skip
    undo = f"v{before}" if number_of(plan.selector) is not None else f"{plan.states[0].name}@v{before}"
    return RolledBack((*saved, made()), undo)


def _targets(store: "Store", selector: str) -> dict[str, ModuleState]:
    number = number_of(selector)
    if number is not None:
        return states_at(store, kept_version(store, number).number)
    if "@" not in selector:
        raise UsageError(
            f"`{selector}` names no version",
            hint="use `name@v3`, or `v3` for all modules; `tarscli versions` lists them",
        )
    state = resolve(store, selector)[1]
    return {state.name: state}


def _source(store: "Store", state: ModuleState) -> dict[str, Leaf]:
    return store.objects.tree(state.source) if state.source else {}


def _leaf(project: Path, path: str) -> Leaf | None:
    with reading_beneath(project, path) as file:
        if file is None:
            return None
        executable = bool(os.fstat(file.fileno()).st_mode & stat.S_IXUSR)
        digest, size = copy_and_hash(file.fileno(), None, 0)
        return Leaf(Digest(digest), executable, size)


def _found(project: Path, path: str, present: Tree, touched: set[str], recorded: Tree) -> Leaf | None:
    """The file as it is. One that is not touched may be no file that TARS would write; then it counts as recorded."""
    if path in touched:
        return present.get(path)
    try:
        return _leaf(project, path)
    except StoreError:
        return recorded.get(path)


def _action(plan: Rollback, path: str) -> Action:
    if path not in plan.wanted:
        return "remove"
    return "replace" if path in plan.present else "add"


def _save(store: "Store", project: Path, plan: Rollback, run: str) -> tuple[int, ...]:
    """Puts into the store what is about to be replaced, and makes a version of what no version has, if there is any;
    returns the numbers of the versions made."""
    for _, path in plan.changes:
        if path in plan.present:
            _put(store, project, path, plan.present[path])
    states = []
    for newest, files in plan.unsaved:
        recorded = _source(store, newest)
        for path, leaf in files.items():
            if leaf != recorded.get(path):
                _put(store, project, path, leaf)
        none, source = Digest(""), store.objects.put_tree(files)
        metrics: Mapping[str, object] = {}
        states.append(replace(newest, source=source, artifact=none, outputs=none, key="", metrics=metrics))
    if not states:
        return ()
    with store.transaction() as transaction:
        made = append_version(transaction, states, run=run, reason=f"work tree before rollback to {plan.selector}")
    return (made(),)


def _put(store: "Store", project: Path, path: str, leaf: Leaf) -> None:
    if store.objects.put_file(project / path) != leaf:
        raise ChangedError(path)
