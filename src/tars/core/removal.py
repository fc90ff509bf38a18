"""Removes a folder whose content somebody else made: however deep, and whatever its permissions."""

import os
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")

PATH_LENGTH_MAX = 800
"""How many characters a path may have before the folder at its end is moved up; systems end at 4,096 bytes."""


def remove_tree(root: str | os.PathLike[str]) -> None:
    """Removes the folder and all that is in it; links are removed, never followed. `shutil.rmtree` keeps a descriptor
    open and goes a call deeper for each level, and so ends at a thousand of them.

    Raises the first `OSError` when all that can be removed is gone; a folder that is not there is no error.
    """
    top = os.path.abspath(root)
    if os.path.islink(top):
        os.unlink(top)
        return
    folders = [top]
    failed: list[OSError] = []
    for folder in folders:
        _empty(folder, top, folders, failed)
    for folder in reversed(folders):
        _try(partial(os.rmdir, folder), top if folder == top else os.path.dirname(folder), failed)
    if failed:
        raise failed[0]


def _empty(folder: str, top: str, folders: list[str], failed: list[OSError]) -> None:
    """Removes what is in the folder but for its own folders, which are added to `folders`."""
    for entry in _try(partial(_entries, folder), folder, failed) or ():
        if not entry.is_dir(follow_symlinks=False):
            _try(partial(os.unlink, entry.path), folder, failed)
        elif len(entry.path) <= PATH_LENGTH_MAX:
            folders.append(entry.path)
        else:
            folders.append(os.path.join(top, f".removed-{os.urandom(8).hex()}"))
            _try(partial(os.chmod, entry.path, 0o700), folder, failed)  # else its `..` could not be changed
            _try(partial(os.rename, entry.path, folders[-1]), folder, failed)


def _entries(folder: str) -> "list[os.DirEntry[str]]":
    with os.scandir(folder) as entries:
        return list(entries)


def _try(act: Callable[[], T], folder: str, failed: list[OSError]) -> T | None:
    """What comes of it; once more where the folder's permissions were in the way."""
    try:
        return act()
    except FileNotFoundError:
        return None
    except PermissionError:
        pass
    except OSError as error:
        failed.append(error)
        return None
    try:
        os.chmod(folder, 0o700)
        return act()
    except OSError as error:
        failed.append(error)
        return None
