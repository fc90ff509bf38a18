"""What the project's store knows of its modules: versions, last runs, and whether they would run again."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.errors import TarsError
from tars.runner.events import Options
from tars.runner.preview import plan
from tars.store import Store, open_store
from tars.store.versions import newest_state, versions
from tars.ui.cli.believing import believing
from tars.ui.cli.project import STATE
from tars.ui.cli.recalling import recalling
from tars.ui.cli.records import records_of
from tars.ui.lsp.projects import Project

VERSIONS_MAX: Final = 50
PLANNED_MAX: Final = 200
"""In a project of more modules it is not worked out which of them are cached: that reads every input."""


class ModuleFacts(Prefab, frozen=True):
    """What is known of one module. `versions` are its numbers, the newest first; times are seconds since 1970."""

    versions: tuple[int, ...] = ()
    status: str = ""
    time: float = 0.0
    seconds: float = 0.0
    action: str = ""
    """What a run would do now: "cached", "run", "restore", "unavailable", or nothing where that is not known."""
    why: str = ""


class Facts:
    """The facts by project, looked up in a thread of their own so that nobody waits for the disk."""

    def __init__(self) -> None:
        self._known: dict[Path, dict[str, ModuleFacts]] = {}
        self._busy: set[Path] = set()

    def of(self, project: Project, name: str) -> ModuleFacts | None:
        return self._known.get(project.root, {}).get(name)

    def refresh(self, project: Project, then: Callable[[], None]) -> None:
        """Look again, and call `then` where anything is another; a project that has never run has no facts."""
        if not (project.root / STATE).is_dir() or project.root in self._busy:
            return
        import asyncio  # noqa: PLC0415 - only a running server has a loop

        loop = asyncio.get_running_loop()
        self._busy.add(project.root)
        paths = list(project.open)

        def look() -> None:
            found = read_facts(project.root, paths)
            loop.call_soon_threadsafe(self._take, project.root, found, then)

        threading.Thread(target=look, daemon=True).start()

    def _take(self, root: Path, found: dict[str, ModuleFacts], then: Callable[[], None]) -> None:
        self._busy.discard(root)
        if self._known.get(root) != found:
            self._known[root] = found
            then()


def read_facts(root: Path, paths: Iterable[str]) -> dict[str, ModuleFacts]:
    """The facts of all modules that the store of a project knows, by name; none where it cannot be read.

    `paths` are metascripts: of what they would run now, as they are on the disk, it is told why.
    """
    try:
        with open_store(root / STATE) as store:
            found = _read(store)
    except (TarsError, OSError):
        return {}
    for path in paths if len(found) <= PLANNED_MAX else ():
        try:
            options = Options(root / path, root, recall=recalling(root), believed=believing(root, root / path))
            planned = plan(options)
        except (TarsError, OSError):
            continue
        for one in planned:
            name = one.address.rpartition(".")[2]
            if name in found:
                found[name] = replace(found[name], action=one.action, why=one.why)
    return found


def _read(store: Store) -> dict[str, ModuleFacts]:
    numbers: dict[str, list[int]] = {}
    for version in reversed(versions(store)):
        for name in version.modules:
            numbers.setdefault(name, []).append(version.number)
    found: dict[str, ModuleFacts] = {}
    for name, known in numbers.items():
        if newest_state(store, name) is None:
            continue
        found[name] = ModuleFacts(tuple(known[:VERSIONS_MAX]))
    for record in records_of(store, limit=2_000) if found else ():
        known_facts = found.get(record.name, ModuleFacts())
        if not known_facts.status:
            found[record.name] = ModuleFacts(known_facts.versions, record.status, record.time, record.seconds)
    return found
