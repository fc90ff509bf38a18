"""Tells a disk that is full from code that does not build: for a compiler both are failures."""

import shutil
from pathlib import Path
from typing import Final

from tars.core.errors import TarsError
from tars.runner.values import Outcome

_SAID: Final = (b"No space left on device", b"os error 28", b"Disk quota exceeded", b"[Bus error]")
"""The last is how a linker ends that writes through memory."""
FREE_BYTES_MIN: Final = 64 << 20
"""Below this a disk counts as full where a program says so: what it could not write is gone again by now."""


def refuse_full(outcome: Outcome, folder: Path) -> None:
    """Raises `TarsError` where a command failed because there is no room where it builds."""
    if outcome.ok or not any(said in outcome.stdout or said in outcome.stderr for said in _SAID):
        return
    if shutil.disk_usage(folder).free < FREE_BYTES_MIN:
        raise TarsError(
            f"there is no room left to build in {folder}",
            hint="free some space on that disk, or name another folder: TARS_CACHE for crates, TMPDIR for lone files",
        )
