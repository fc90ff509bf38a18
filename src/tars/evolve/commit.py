"""Turns an accepted candidate into the next version, so that `tarscli rollback` takes it back.

The version before becomes a version too where the store does not hold it yet; then the file is replaced at once, and
the new version is committed. Stopped anywhere in between, the same commit can be made again.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from tars.core.errors import StoreError, TarsError
from tars.core.values import Digest, Json
from tars.evolve.records import VERSION, Session, entries_of, note
from tars.runner.workspace import run_lock
from tars.store import ModuleState, Store
from tars.store.values import Leaf
from tars.store.versions import append_version, newest_state

LOCK_SECONDS_MAX: Final = 5.0


def commit(store: Store, project: Path, session: Session, number: int, text: str, language: str) -> int:
    """Writes the text over the target and returns the number of the version that holds it.

    Raises `TarsError`, with nothing changed, where the file is not what the session began with, or a run is at work.
    """
    path = session.target
    data = text.encode("utf-8", "surrogatepass")
    with run_lock(store).exclusive(seconds_max=LOCK_SECONDS_MAX) as had:
        if not had:
            raise TarsError(
                "a run of this project is at work; nothing was changed", hint="wait for it, or interrupt it"
            )
        present = _present(project / path)
        if present not in (session.text, text):
            raise TarsError(
                f"`{path}` was changed since this evolution began; nothing was written",
                hint="put it back, or begin a new evolution from it as it is now",
            )
        name = Path(path).stem
        _hold(store, name, path, language, session.text, f"before evolution {session.id}")
        leaf = Leaf(store.objects.put(data), _executable(project / path), len(data))
        store.objects.restore_tree({path: leaf}, project, durable=True)
        made = _hold(store, name, path, language, text, f"evolution {session.id}, candidate {number}")
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


def _hold(store: Store, name: str, path: str, language: str, text: str, reason: str) -> int:
    """The version of the module with this text: its newest one where that holds it already, else a new one."""
    data = text.encode("utf-8", "surrogatepass")
    leaf = Leaf(store.objects.put(data), False, len(data))
    newest = newest_state(store, name)
    tree = dict(store.objects.tree(newest[1].source)) if newest is not None and newest[1].source else {}
    if newest is not None and (held := tree.get(path)) is not None and held.digest == leaf.digest:
        return newest[0]
    source = store.objects.put_tree({**tree, path: leaf})
    metrics: dict[str, Json] = {}
    state = (
        replace(newest[1], source=source, outputs=Digest(""), key="", metrics=metrics)
        if newest is not None
        else ModuleState(name, language, f"{language}.{name}", source, Digest(""), Digest(""))
    )
    with store.transaction() as transaction:
        made = append_version(transaction, [state], reason=reason)
    return made()


def _present(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "surrogatepass")
    except (OSError, ValueError) as error:
        raise StoreError(f"`{path}` cannot be read: {error}", hint="put the file back") from error


def _executable(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o100)
