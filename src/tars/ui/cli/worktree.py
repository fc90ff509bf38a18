"""What putting stored sources back would change in the work tree, and putting back what was interrupted."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from blake3 import blake3

from tars.core.errors import TarsError
from tars.store import Leaf, ModuleState, Store
from tars.store.rewrite import put_back
from tars.store.versions import latest_number, states_at
from tars.ui.cli.console import Console

Action = Literal["add", "replace", "remove", "keep"]


def changes_to_come(store: Store, project: Path, targets: Mapping[str, ModuleState]) -> list[tuple[Action, str]]:
    """For each file that a rollback to the targets touches, by path: what would become of it."""
    newest = states_at(store, latest_number(store))
    wanted = {path: leaf for state in targets.values() for path, leaf in _source(store, state).items()}
    known = {path for name in targets if name in newest for path in _source(store, newest[name])}
    others = {path for name, state in newest.items() if name not in targets for path in _source(store, state)}
    actions: dict[str, Action] = {path: _action(project / path, leaf) for path, leaf in wanted.items()}
    for path in known - wanted.keys() - others:
        if os.path.lexists(project / path):
            actions[path] = "remove"
    return [(action, path) for path, action in sorted(actions.items())]


def take_back(store: Store, project: Path, console: Console) -> None:
    """Puts back what was interrupted, and says it. A disk that refuses must not keep one from looking at what is
    stored."""
    try:
        back = put_back(store, project)
    except TarsError as error:
        console.warning(f"an interrupted change could not be taken back: {error.message}", error.hint)
        return
    if back.text:
        (console.warning if back.changed else console.note)(back.text)


def _source(store: Store, state: ModuleState) -> dict[str, Leaf]:
    return dict(store.objects.tree(state.source)) if state.source else {}


def _action(path: Path, leaf: Leaf) -> Action:
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "add"
    alike = stat.S_ISREG(status.st_mode) and (status.st_size, bool(status.st_mode & 0o100)) == (
        leaf.size,
        leaf.executable,
    )
    try:
        return "keep" if alike and blake3(path.read_bytes()).hexdigest() == leaf.digest else "replace"
    except OSError:
        return "replace"
