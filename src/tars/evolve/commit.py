"""Turns an accepted candidate into the next version, so that `tarscli rollback` takes it back.

The version before becomes a version too where the store does not hold it yet; then the files are replaced, and the new
version is committed. Of several files all are replaced or none.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.core.errors import StoreError, TarsError
from tars.core.values import Digest, Json
from tars.evolve.records import VERSION, Session, entries_of, note
from tars.evolve.sources.files import texts_at
from tars.runner.workspace import run_lock
from tars.store import ModuleState, Store
from tars.store.beneath import read_beneath
from tars.store.rewrite import put_back, rewrite
from tars.store.values import Leaf
from tars.store.versions import append_version, newest_state

LOCK_SECONDS_MAX: Final = 5.0


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
        put_back(store, project)
        for path in before:
            if _present(project, path) not in (before[path], after[path]):
                raise TarsError(
                    f"`{path}` was changed since this evolution began; nothing was written",
                    hint="put it back, or begin a new evolution from it as it is now",
                )
        name = Path(session.target).stem or project.name
        _hold(store, project, name, before, language, f"before evolution {session.id}")
        rewrite(store, project, _encoded(before), _encoded(after), subject=session.target, key=session.id)
        reason = f"evolution {session.id}, candidate {number}"
        made = _hold(store, project, name, after, language, reason)
    note(store, session, VERSION, {"number": number, "version": made}, number)
    return made


def version_of(store: Store, session: Session) -> tuple[int, int] | None:
    """The candidate of the session that became a version, and that version's number."""
    for entry in entries_of(store, session, VERSION):
        number, version = entry.body["number"], entry.body["version"]
        assert isinstance(number, int)
        assert isinstance(version, int)
        return number, version
    return None


def _encoded(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode("utf-8", "surrogatepass") for path, text in texts.items()}


def _leaves(store: Store, project: Path, texts: Mapping[str, str]) -> dict[str, Leaf]:
    found = {}
    for path, data in _encoded(texts).items():
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
