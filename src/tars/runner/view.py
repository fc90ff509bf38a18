"""The working directory of an agent: a scratch folder that looks like the project, in which writing harms nothing."""

import os
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from stat import S_IMODE
from time import monotonic_ns
from typing import Final, NamedTuple

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.removal import remove_tree

EVENTS: Final = ".tars-events"
"""The file of JSON lines in which an agent reports; below the view so that every sandbox lets the agent write it."""
FOLDER_MODE: Final = 0o755
PATH_LENGTH_MAX: Final = 1000
"""How long the paths may be that an agent makes below its view; what lies deeper is only removed."""
SETTLED_NS: Final = 20_000_000
"""What `stat` says of a folder stands for what is in it only if it said the same this long before the folder was last
listed: a change within the same tick of the file system's clock would leave the times as they are. Kernels tick every
1 to 10 ms."""
_SECOND_NS: Final = 1_000_000_000


class Seen(NamedTuple):
    """A folder as it was when nothing of the agent's was in it: what `stat` said (device, inode, mode and times; nobody
    but the system can set the last of these), since when, and whether this is enough to know it again."""

    stamp: tuple[int, ...]
    since_ns: int
    settled: bool


class View(Prefab, frozen=True):
    """`folder` is the agent's working directory. `fresh` are the real folders in it (`""` is itself), `links` the
    symbolic links into the project and what each points to; both by path relative to the view."""

    folder: str
    mode: int
    """The permissions that its folders were made with: the user may have a mask."""
    fresh: tuple[str, ...]
    links: dict[str, str]
    seen: dict[str, Seen] = attribute(default_factory=dict)
    """The fresh folders as they were when a module gave the view back untouched."""


class Views(Prefab):
    """The views of one worker. A view that an agent leaves as it found it serves the next module as well, because
    making and removing folders is most of what a small module costs."""

    folder: str
    project: str
    top: tuple[str, ...]
    """The names in the project's root."""
    idle: dict[tuple[str, ...], View] = attribute(default_factory=dict)
    made: int = 0

    def take(self, real: Iterable[str], linked: Iterable[str], own: Collection[str] = ()) -> View:
        """A view in which the folders that lead to the paths of `real` are fresh and empty, and everything else of the
        project is a link but for the files of `own`, which the module may write as if for the first time; in the fresh
        folders, the paths of `linked` are links again."""
        wanted = list(real)
        fresh = _fresh(tuple([path.rpartition("/")[0] for path in wanted]))
        view = self.idle.pop(fresh, None) or self._make(fresh)
        for path in wanted:
            if path in view.links:  # an entry of the root that the module itself writes
                os.unlink(f"{view.folder}/{path}")
                del view.links[path]
        if own:
            self._leave_out(view, frozenset(own))
        for path in linked:
            parent = os.path.dirname(path)
            if parent in fresh and path not in view.links and path not in wanted and path not in fresh:
                _link(view, path, f"{self.project}/{path}")
        return view

    def give_back(self, view: View) -> list[str]:
        """Keeps the view for the next module if it is as it was at first, else removes it; returns what was left."""
        if not _is_untouched(view):
            left = written(view)
            remove_view(view)
            return left
        inner = [path for path in view.links if "/" in path]
        for path in inner:
            os.unlink(f"{view.folder}/{path}")
            del view.links[path]
        if len(view.links) == sum(name not in view.fresh for name in self.top):
            self.idle[view.fresh] = view
        else:
            remove_view(view)
        return []

    def _leave_out(self, view: View, own: frozenset[str]) -> None:
        """Replaces the links that lead to files of `own` by links to what else is there, in folders of the view's own;
        such a view does not serve again."""
        leading = {path[:end] for path in own for end in range(len(path)) if path[end] == "/"}
        for name in {path.partition("/")[0] for path in own} & view.links.keys():
            os.unlink(f"{view.folder}/{name}")
            del view.links[name]
            for path in self._others(name, own, leading):
                os.makedirs(f"{view.folder}/{os.path.dirname(path)}", FOLDER_MODE, exist_ok=True)
                _link(view, path, f"{self.project}/{path}")

    def _others(self, path: str, own: frozenset[str], leading: set[str]) -> Iterator[str]:
        """What of the project is at the path and below it, whole folders where they lead to nothing of `own`."""
        place = f"{self.project}/{path}"
        if path in leading and os.path.isdir(place) and not os.path.islink(place):
            for name in sorted(os.listdir(place)):
                yield from self._others(f"{path}/{name}", own, leading)
        elif path not in own:
            yield path

    def _make(self, fresh: tuple[str, ...]) -> View:
        self.made += 1
        place = f"{self.folder}/{self.made}"
        os.makedirs(place, FOLDER_MODE)
        view = View(place, S_IMODE(os.lstat(place).st_mode), fresh, {})
        for folder in fresh[1:]:
            os.mkdir(f"{view.folder}/{folder}", FOLDER_MODE)
        for name in self.top:
            if name not in fresh:
                _link(view, name, f"{self.project}/{name}")
        return view


def written(view: View) -> list[str]:
    """The paths of all that the agent left in its view, relative to it: files and whatever else is not a folder, and
    folders that lie too deep to be looked into."""
    found: list[str] = []
    folders = [""]
    for folder in folders:
        for entry in _entries(f"{view.folder}/{folder}"):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if path in view.links or path == EVENTS:
                continue
            if entry.is_dir(follow_symlinks=False) and len(path) <= PATH_LENGTH_MAX:
                folders.append(path)
            else:
                found.append(path)
    return sorted(found)


def _entries(folder: str) -> "list[os.DirEntry[str]]":
    """What is in the folder, whose permissions the agent may have taken away."""
    try:
        return list(os.scandir(folder))
    except PermissionError:
        os.chmod(folder, 0o700)
        return list(os.scandir(folder))


def remove_view(view: View) -> None:
    """Removes the view and what is in it; links are removed, never followed."""
    remove_tree(view.folder)


def _is_untouched(view: View) -> bool:
    """Whether only the fresh folders and the unchanged links are there."""
    try:
        return all(_holds_its_own(view, folder) for folder in view.fresh)
    except OSError:
        return False


def _holds_its_own(view: View, folder: str) -> bool:
    """Whether a fresh folder holds what it did at first. One that has not changed since is not listed again; neither
    are its links read, for to change a link is to put another in its place."""
    path = f"{view.folder}/{folder}" if folder else view.folder
    status = os.lstat(path)
    stamp = (status.st_dev, status.st_ino, status.st_mode, status.st_mtime_ns, status.st_ctime_ns)
    seen = view.seen.get(folder)
    if seen is not None and seen.settled and seen.stamp == stamp:
        return True
    now = monotonic_ns()
    if seen is None or seen.stamp != stamp:
        seen = Seen(stamp, now, False)
    if S_IMODE(status.st_mode) != view.mode:
        return False
    for name in os.listdir(path):
        inner = f"{folder}/{name}" if folder else name
        if inner not in view.links and inner not in view.fresh:
            return False
    for link, target in view.links.items():
        if link.rpartition("/")[0] == folder and os.readlink(f"{view.folder}/{link}") != target:
            return False
    # Times in whole seconds are those of a clock that is too coarse, and Windows has no time of change.
    exact = status.st_ctime_ns % _SECOND_NS != 0 and os.name == "posix"
    view.seen[folder] = Seen(stamp, seen.since_ns, exact and now - seen.since_ns > SETTLED_NS)
    return True


def _link(view: View, path: str, target: str) -> None:
    os.symlink(target, f"{view.folder}/{path}")
    view.links[path] = target


@lru_cache(maxsize=1024)
def _fresh(parents: tuple[str, ...]) -> tuple[str, ...]:
    """The view itself and the folders on the way to its outputs: `""`, `a`, `a/b` for `a/b`; a part `.` (the output
    folder may be the project's own) is no folder of its own."""
    fresh = {"": None}
    for parent in parents:
        parts = [part for part in parent.split("/") if part not in (".", "")]
        fresh.update(dict.fromkeys("/".join(parts[: count + 1]) for count in range(len(parts))))
    return tuple(fresh)
