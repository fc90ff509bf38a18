"""Places where a workspace is built, kept in the user's cache so that the next episode of a project finds them warm."""

import contextlib
import json
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab, attribute

from tars.rust.checking.overlay import Overlay, Sign
from tars.rust.checking.workspace import Target
from tars.store.lock import Lock
from tars.store.shared import default_root

FORMAT: Final = 1
_SIZE: Final = re.compile(rb'\{"bytes": (\d+)')
SLOTS_MAX: Final = 256
SLOT_BYTES_MAX: Final = 3 << 30
"""A place that has grown beyond this is emptied when it is left."""
CACHE_BYTES_MAX: Final = 8 << 30
"""How much all places of all projects may take; those used longest ago go first."""


class Slot(Prefab, slots=False):
    """One place, held by this process: the copy of the workspace, what cargo builds, and a home for its programs.

    Only `overlay.tree`, `build` and `home` may be written by the user's code. `busy` is held while it runs there.
    """

    folder: Path
    overlay: Overlay
    units: dict[str, str]
    """The compiler calls that cargo made here, see `read_units`."""
    kept: bool
    warm: bool = False
    """Cargo has built here what does not change any more."""
    busy: threading.Lock = attribute(default_factory=threading.Lock)
    held: contextlib.ExitStack = attribute(default_factory=contextlib.ExitStack)

    @property
    def roof(self) -> Path:
        """The folder that stands for `/`: in it the workspace, and what lies beside it, have the paths they have."""
        return self.folder / "tree"

    @property
    def build(self) -> Path:
        return self.folder / "target"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def close(self) -> None:
        """Leaves the place to the next; one that cannot be kept is removed."""
        if self.kept:
            size = size_of(self.folder)
            if size > SLOT_BYTES_MAX:
                shutil.rmtree(self.build, ignore_errors=True)
                size = size_of(self.folder)
            _write_state(self.folder, self._state(size))
            _make_room(self.folder.parent.parent)
        self.held.close()

    def _state(self, size: int) -> dict[str, Any]:
        known = self.overlay.known
        return {"bytes": size, "format": FORMAT, "warm": self.warm, "known": known, "units": self.units}


def take_slot(target: Target, root: Path | None = None) -> Slot:
    """A place for this target that nobody else holds, warm where one was left. Where the user's cache cannot be
    written, it is a temporary one."""
    name = blake3(f"{target.folder}\n{target.toolchain.rustc} {target.toolchain.version}".encode()).hexdigest()[:20]
    home = (root or default_root()) / "rust" / name
    try:
        home.mkdir(parents=True, exist_ok=True)
        for number in range(SLOTS_MAX):
            folder = home / f"slot-{number}"
            held = contextlib.ExitStack()
            if held.enter_context(Lock(_beside(folder, ".lock")).exclusive(seconds_max=0)):
                return _open(target, folder, held, kept=True)
            held.close()
    except OSError:
        pass
    held = contextlib.ExitStack()
    folder = Path(tempfile.mkdtemp(prefix="tars-rust-"))
    held.callback(shutil.rmtree, folder, ignore_errors=True)
    return _open(target, folder / "slot-0", held, kept=False)


def _open(target: Target, folder: Path, held: contextlib.ExitStack, *, kept: bool) -> Slot:
    state = _read_state(folder)
    # Whoever dies before it is left again leaves it without a state: the copy is made anew, what cargo built is kept,
    # since cargo itself sees what is not finished.
    _beside(folder, ".json").unlink(missing_ok=True)
    scratch = _beside(folder, ".new")
    tree = folder / "tree" / target.folder.relative_to(target.folder.anchor)
    for gone in (scratch, folder / "home", *((folder / "tree",) if state is None else ())):
        shutil.rmtree(gone, ignore_errors=True)
    for place in (scratch, tree, folder / "target", folder / "home"):
        place.mkdir(parents=True, exist_ok=True)
    known = {path: _signs(row) for path, row in state["known"].items()} if state else {}
    units = {str(name): str(command) for name, command in state["units"].items()} if state else {}
    overlay = Overlay(target.folder, tree, scratch, known)
    return Slot(folder, overlay, units, kept, bool(state and state["warm"]), held=held)


def _beside(folder: Path, suffix: str) -> Path:
    """A path beside the place, where the user's code cannot reach it."""
    return folder.with_name(folder.name + suffix)


def _read_state(folder: Path) -> dict[str, Any] | None:
    try:
        state = json.loads(_beside(folder, ".json").read_bytes())
        if state["format"] != FORMAT:
            return None
        for row in state["known"].values():
            _signs(row)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    found: dict[str, Any] = state
    return found


def _signs(row: Any) -> tuple[Sign, Sign]:
    (user, copy) = row
    return (int(user[0]), int(user[1]), int(user[2])), (int(copy[0]), int(copy[1]), int(copy[2]))


def _write_state(folder: Path, state: Mapping[str, Any]) -> None:
    """A state that cannot be written costs time, never a result."""
    fresh = _beside(folder, f".json.{os.getpid()}")
    with contextlib.suppress(OSError):
        fresh.write_text(json.dumps(state), encoding="utf-8")
        os.replace(fresh, _beside(folder, ".json"))


def size_of(folder: Path) -> int:
    """How many bytes the files below a folder hold."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def _make_room(root: Path) -> None:
    """Removes the places used longest ago, those in use excepted, until all together are small enough."""
    places: list[tuple[float, int, Path]] = []
    for file in root.glob("*/slot-*.json"):
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
            with open(file, "rb") as opened:
                noted = _SIZE.match(opened.read(64))
            places.append((file.stat().st_mtime, int(noted[1]) if noted else 0, file.with_suffix("")))
    total = sum(size for _, size, _ in places)
    for _, size, folder in sorted(places):
        if total <= CACHE_BYTES_MAX:
            return
        with Lock(_beside(folder, ".lock")).exclusive(seconds_max=0) as had:
            if had:
                _beside(folder, ".json").unlink(missing_ok=True)
                shutil.rmtree(folder, ignore_errors=True)
                total -= size
