"""Lets one checker of a workspace build what all need, and the others begin with a copy of it."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tars.rust.checking.slots import Slot, size_of

COPIED_BYTES_MAX: Final = 2 << 30
_COPIED: Final = (".fingerprint", "deps", "build")
"""What of a build folder is the same for every copy of a workspace."""
_PROFILE: Final = "debug"


class Warmth:
    """Shared by the checkers of one target."""

    def __init__(self) -> None:
        self._first = threading.Lock()
        self._donor: Slot | None = None
        self._asking = 0
        self._count = threading.Lock()

    def jobs(self) -> int:
        """How many compilers each of those that ask now may start, so that all together use each core once."""
        return max(1, (os.cpu_count() or 1) // max(1, self._asking))

    @contextmanager
    def of(self, slot: Slot, build: Path | None) -> Iterator[None]:
        """Held around each question put in the place. While the first is asked, all others wait, and then begin with
        what it has built; from then on nobody waits. The first begins with what the user's own cargo has put in
        `build`."""
        with self._count:
            self._asking += 1
        try:
            with self._warmed(slot, build):
                yield
        finally:
            with self._count:
                self._asking -= 1

    @contextmanager
    def _warmed(self, slot: Slot, build: Path | None) -> Iterator[None]:
        if slot.warm and self._donor is not None:
            yield
            return
        with self._first:
            if self._donor is None:
                if not slot.warm and build is not None:
                    copy_build(build, slot.build)
                yield
                slot.warm = True
                self._donor = slot
                return
            if not slot.warm and self._donor is not slot:
                with self._donor.busy:
                    copy_build(self._donor.build, slot.build)
                slot.warm = True
        yield


def copy_build(source: Path, to: Path) -> None:
    """Copies what was built there to an empty folder, with its times, which cargo goes by. What cannot be copied, or is
    too much, is built again; a folder that holds something already is left as it is, for the user's code may have put
    links into it."""
    if any(to.iterdir()):
        return
    for name in _COPIED:
        origin, copy = source / _PROFILE / name, to / _PROFILE / name
        if origin.is_dir() and not copy.exists() and size_of(origin) <= COPIED_BYTES_MAX:
            try:
                shutil.copytree(origin, copy, symlinks=True)
            except (OSError, shutil.Error):
                shutil.rmtree(copy, ignore_errors=True)
    for note in source.glob(".rustc_info.json"):
        shutil.copy2(note, to / note.name)
