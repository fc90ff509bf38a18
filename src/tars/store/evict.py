"""Keeping the user-wide cache small: what was not used for long goes, and beyond a size the least recently used."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from ducktools.classbuilder.prefab import Prefab

from tars.store.durable import told
from tars.store.shared import FORMAT, Shared

IN_USE_SECONDS = 3600.0
"""What was used within this time may be in use by a running process, and stays whatever the limits say."""
_SINGLE = ("rust-docs-", "crashes")
"""The homes of single files that stand for themselves, without a marker beside them."""
_KEPT_BY_FORMAT = ("builds-", "environments-")
"""The homes of which those of another format are of no use to this TARS."""


class Evicted(Prefab, frozen=True):
    """What went, and what is left in the cache."""

    items: int
    bytes: int
    items_left: int
    bytes_left: int


def evict(
    shared: Shared,
    *,
    age_seconds_max: float | None = None,
    bytes_max: int | None = None,
    in_use_seconds: float = IN_USE_SECONDS,
    dry_run: bool = False,
) -> Evicted:
    """Removes builds, folders and files not used for `age_seconds_max`, then the least recently used until at most
    `bytes_max` are left, and what killed processes left half made. `None` is no limit. With `dry_run` it only counts.
    """
    with told(f"clean the cache {shared.root}"):
        now = time.time()
        items = sorted(_items(shared.root))
        total = left = sum(size for _, size, _ in items)
        gone = 0
        for used, size, paths in items:
            old = age_seconds_max is not None and now - used > age_seconds_max
            over = bytes_max is not None and left > bytes_max
            if not (old or over) or now - used < in_use_seconds:
                continue
            if not dry_run:
                _remove(shared, paths)
            gone, left = gone + 1, left - size
        if not dry_run:
            _clear_scratch(shared.root / "tmp", now - max(in_use_seconds, 1.0))
    return Evicted(gone, total - left, len(items) - gone, left)


def _items(root: Path) -> Iterator[tuple[float, int, tuple[str, ...]]]:
    """When each thing in the cache was last used, its size, and its paths: the one that makes it valid first."""
    for home in sorted(root.glob(f"*-{FORMAT}")):
        if home.name == f"builds-{FORMAT}":
            for folder in home.glob("??/*"):
                yield folder.stat().st_mtime, _size(folder), (str(folder),)
            continue
        for folder in home.iterdir():
            marker = home / f"{folder.name}.json"
            if folder.is_dir() and marker.exists():
                yield marker.stat().st_mtime, _size(folder), (str(marker), str(folder))
    for home in sorted(root.iterdir() if root.is_dir() else ()):
        outdated = home.name.startswith(_KEPT_BY_FORMAT) and not home.name.endswith(f"-{FORMAT}")
        if home.is_dir() and (outdated or home.name.startswith(_SINGLE)):
            for entry in home.iterdir():
                status = entry.stat()
                yield max(status.st_mtime, status.st_atime), _size(entry), (str(entry),)


def _size(folder: Path) -> int:
    total = folder.lstat().st_size if folder.is_file() else 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total


def _remove(shared: Shared, paths: tuple[str, ...]) -> None:
    *markers, item = paths
    for marker in markers:
        Path(marker).unlink(missing_ok=True)
    doomed = shared.root / "tmp" / f"gone-{os.getpid()}-{os.urandom(4).hex()}"
    doomed.parent.mkdir(exist_ok=True)
    try:
        os.rename(item, doomed)
    except FileNotFoundError:
        return
    if doomed.is_dir():
        shutil.rmtree(doomed, ignore_errors=True)
    else:
        doomed.unlink(missing_ok=True)


def _clear_scratch(scratch: Path, before: float) -> None:
    if scratch.is_dir():
        for folder in scratch.iterdir():
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
