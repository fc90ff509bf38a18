"""The digests of what judges, as it is on the disk now: looked at before and after every evaluation."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from blake3 import blake3

from tars.core.values import Digest
from tars.evolve import rules

_KNOWN: Final[dict[Path, tuple[tuple[int, ...], Digest]]] = {}
"""Content that was read before, by the size, times and inode that it had then."""


def digests_of(paths: Iterable[Path]) -> dict[str, Digest]:
    """Of each file, by its path; empty where nothing can be read. A file is read again where its size, its inode or
    one of its times differs from when it was read."""
    return {str(path): _digest(path) for path in paths}


@cache
def rule_pack() -> tuple[Path, ...]:
    """The files of the rule pack that comes with TARS."""
    return tuple(sorted(Path(each) for folder in rules.__path__ for each in Path(folder).glob("*.py")))


def _digest(path: Path) -> Digest:
    try:
        found = os.stat(path)
        stamp = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)
        known = _KNOWN.get(path)
        if known is None or known[0] != stamp:
            known = _KNOWN[path] = stamp, Digest(blake3(path.read_bytes()).hexdigest())
        return known[1]
    except OSError:
        return Digest("")
