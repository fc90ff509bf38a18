"""Turns an accepted candidate into the next version, so that `tarscli rollback` takes it back.

The version before becomes a version too where the store does not hold it yet; then the files are replaced, and the new
version is committed. Of several files all are replaced or none: an `evolve-writing` entry names what was there before,
and what a process that stopped in between had begun is put back by the next one.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from blake3 import blake3

from tars.core.errors import StoreError, TarsError
from tars.core.values import Digest, Json
from tars.evolve.files import texts_at
from tars.evolve.records import VERSION, Session, entries_of, note
from tars.runner.workspace import run_lock
from tars.store import Entry, ModuleState, Store
from tars.store.beneath import read_beneath
from tars.store.values import Leaf
from tars.store.versions import append_version, newest_state

LOCK_SECONDS_MAX: Final = 5.0
WRITING, WRITTEN = "evolve-writing", "evolve-written"


def commit(store: Store, project: Path, session: Session, number: int, text: str, language: str) -> int:
    """Writes the text over the target and returns the number of the version that holds it.

    Raises `TarsError`, with nothing changed, where a file is not what the session began with, or a run is at work.
    """
    before, after = (texts_at(one, session.target) for one in (session.text, text))
    assert list(before) == list(after)
    with run_lock(store).exclusive(seconds_max=LOCK_SECONDS_MAX) as had:
        if not had:
            raise TarsError(
                "a run of this project is at work; nothing was changed", hint="wait for it, or interrupt it"
            )
        _put_back(store, project)
        for path in before:
            if _present(project, path) not in (before[path], after[path]):
                raise TarsError(
                    f"`{path}` was changed since this evolution began; nothing was written",
                    hint="put it back, or begin a new evolution from it as it is now",
                )
        name = Path(session.target).stem or project.name
        _hold(store, project, name, before, language, f"before evolution {session.id}")
        _write(store, project, session, before, after)
        reason = f"evolution {session.id}, candidate {number}"
        made = _hold(store, project, name, after, language, reason)
    note(store, session, VERSION, {"number": number, "version": made}, number)
    return made


def recover(store: Store, project: Path) -> tuple[str, ...]:
    """Puts back what a process that stopped in the middle of a commit had written; the paths. Nothing where another
    process is at work."""
    if _begun(store) is None:
        return ()
    with run_lock(store).exclusive(seconds_max=0.0) as had:
        return _put_back(store, project) if had else ()


def version_of(store: Store, session: Session) -> tuple[int, int] | None:
    """The candidate of the session that became a version, and that version's number."""
    for entry in entries_of(store, session, VERSION):
        number, version = entry.body["number"], entry.body["version"]
        assert isinstance(number, int)
        assert isinstance(version, int)
        return number, version
    return None


def _write(store: Store, project: Path, session: Session, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """All files or none. One file is replaced at once, and needs no entry of what was there."""
    old, new = _leaves(store, project, before), _leaves(store, project, after)
    new = {path: leaf for path, leaf in new.items() if leaf.digest != old[path].digest}
    if len(new) > 1:
        files: list[Json] = [[path, old[path].digest, leaf.digest, leaf.executable, old[path].size]
                             for path, leaf in new.items()]  # fmt: skip
        objects: list[Json] = [digest for path, leaf in new.items() for digest in (old[path].digest, leaf.digest)]
        with store.transaction() as transaction:
            transaction.append(WRITING, {"files": files, "objects": objects}, subject=session.target, key=session.id)
    try:
        store.objects.restore_tree(new, project, durable=True)
    except BaseException:
        _put_back(store, project)
        raise
    if len(new) > 1:
        _end(store, session.target, session.id)


def _put_back(store: Store, project: Path) -> tuple[str, ...]:
    """Every file that is as a commit which never ended made it becomes what it was; what else it is stays."""
    entry = _begun(store)
    if entry is None:
        return ()
    rows: Any = entry.body["files"]
    held = {
        path: Leaf(Digest(old), executable, size)
        for path, old, new, executable, size in rows
        if (found := read_beneath(project, path)) is not None and Digest(blake3(found[0]).hexdigest()) == new
    }
    store.objects.restore_tree(held, project, durable=True)
    _end(store, entry.subject, entry.key)
    return tuple(held)


def _begun(store: Store) -> Entry | None:
    begun, ended = store.latest(WRITING), store.latest(WRITTEN)
    return begun if begun is not None and (ended is None or ended.number < begun.number) else None


def _end(store: Store, target: str, key: str) -> None:
    with store.transaction() as transaction:
        transaction.append(WRITTEN, {}, subject=target, key=key)


def _leaves(store: Store, project: Path, texts: Mapping[str, str]) -> dict[str, Leaf]:
    found = {}
    for path, text in texts.items():
        data = text.encode("utf-8", "surrogatepass")
        found[path] = Leaf(store.objects.put(data), os.access(project / path, os.X_OK), len(data))
    return found


def _hold(store: Store, project: Path, name: str, texts: Mapping[str, str], language: str, reason: str) -> int:
    """The version of the module with these texts: its newest one where that holds them already, else a new one."""
    leaves = _leaves(store, project, texts)
    newest = newest_state(store, name)
    tree = dict(store.objects.tree(newest[1].source)) if newest is not None and newest[1].source else {}
    if newest is not None and all(path in tree and tree[path].digest == leaf.digest for path, leaf in leaves.items()):
        return newest[0]
    source = store.objects.put_tree({**tree, **leaves})
    metrics: dict[str, Json] = {}
    state = (
        replace(newest[1], source=source, outputs=Digest(""), key="", metrics=metrics)
        if newest is not None
        else ModuleState(name, language, f"{language}.{name}", source, Digest(""), Digest(""))
    )
    with store.transaction() as transaction:
        made = append_version(transaction, [state], reason=reason)
    return made()


def _present(project: Path, path: str) -> str:
    found = read_beneath(project, path)
    if found is None:
        raise StoreError(f"`{path}` cannot be read: it is not there", hint="put the file back")
    return found[0].decode("utf-8", "surrogatepass")
