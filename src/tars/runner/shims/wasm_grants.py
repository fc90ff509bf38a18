"""What a WebAssembly guest sees of the files, found by its host, which may be a Python that has nothing of TARS."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from stat import S_ISREG

Grant = tuple[str, str, bool]
"""A folder, the name under which the guest sees it, and whether it may write there."""
Link = tuple[str, str]
"""A symbolic link by its path in the working folder, and what it leads to."""
LENT_BYTES_MAX = 64 << 20
"""How much is copied for one guest at most; what is more is only seen by its absolute path."""


def grants_of(
    here: str, links: Iterable[Link], reads: Sequence[str], writes: Sequence[str], own: Sequence[str]
) -> list[Grant]:
    """The folders of `reads` and `writes`, and the working folder `here` as `.`, in which `links` are.

    What only the host needs (`own`: the interpreter, its packages) is left out. WASI follows no link out of a granted
    folder, so a folder that the working folder links to is granted under the link's own name, where the guest may read
    it. Raises `ValueError` for a path of `writes` that is no folder.
    """
    granted: dict[str, tuple[str, bool]] = {}
    for place in reads:
        if os.path.isdir(place) and (here.startswith(f"{place}/") or not any(_below(each, place) for each in own)):
            granted[place] = (place, False)
    for place in writes:
        if os.path.isdir(place):
            granted[place] = (place, True)
        elif os.path.lexists(place):
            raise ValueError(f"the wasm sandbox grants folders, and {place} is a file: grant its folder")
    if _may(here, writes):
        granted |= {".": (here, True), here: (here, True)}
    for name, target in links:
        if not name.startswith(".") and os.path.isdir(target) and _may(target, (*reads, *writes)):
            granted.setdefault(name, (target, _may(target, writes)))
    return [(path, name, writable) for name, (path, writable) in granted.items()]


@contextmanager
def lent(here: str, links: Iterable[Link], reads: Sequence[str] | None) -> Iterator[None]:
    """Meanwhile links in the working folder to files that may be read are copies, since WASI follows no link out of a
    folder: a guest reads them by their names, as any other module does. What the guest did not touch is a link again
    afterwards; what it wrote stays. With None for `reads` all that can be opened may be read."""
    copied: dict[str, tuple[str, tuple[int, int, int]]] = {}
    left = LENT_BYTES_MAX
    try:
        for name, target in links:
            if reads is not None and not _may(target, reads):
                continue
            try:
                status = os.stat(target, follow_symlinks=False)
                if not S_ISREG(status.st_mode) or status.st_size > left:
                    continue
                path, fresh = f"{here}/{name}", f"{here}/{name}.tars-lent-{os.getpid()}"
                shutil.copyfile(target, fresh)
            except OSError:
                continue  # It cannot be read, which the guest will be told.
            link = os.readlink(path)
            os.replace(fresh, path)
            copied[path] = (link, _state(path))
            left -= status.st_size
        yield
    finally:
        for path, (link, state) in copied.items():
            if _state(path) == state:
                os.unlink(path)
                os.symlink(link, path)


def links_of(here: str) -> list[Link]:
    """The symbolic links in a folder and in the real folders below it."""
    return list(_links(here))


def _links(here: str, folder: str = "") -> Iterator[Link]:
    with os.scandir(f"{here}/{folder}" if folder else here) as entries:
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink():
                yield name, os.path.realpath(entry.path)
            elif entry.is_dir():
                yield from _links(here, name)


def _state(path: str) -> tuple[int, int, int]:
    """Of a file, changed by whoever writes it; of nothing where there is none."""
    try:
        status = os.lstat(path)
    except OSError:
        return 0, 0, 0
    return status.st_ino, status.st_mtime_ns, status.st_size


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _may(path: str, granted: Iterable[str]) -> bool:
    return any(_below(path, each) for each in granted)
