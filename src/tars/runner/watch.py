"""Tells when files of a project change, so that a run can be repeated: debounced, and blind to what runs write."""

import os
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

IGNORED = frozenset({".tars", ".git", ".hg", ".svn", "node_modules", "target", "__pycache__", ".venv", ".mypy_cache"})
"""Folders, at any depth, whose changes never matter."""
HEARD_SECONDS_MAX = 5.0
_PROBE_SECONDS = 0.25
_POLL_SECONDS = 0.2
_ARMED_MS = 200
"""A watcher that has been still for so long tells so, for the first time when it has begun to listen."""
_SCRATCH_SUFFIXES = ("~", ".swp", ".swx", ".tmp", ".part", ".pyc")


def changes(
    project: Path,
    *,
    ignored: Collection[str] = (),
    debounce_ms: int = 100,
    stop: threading.Event | None = None,
    heard: threading.Event | None = None,
) -> Iterator[frozenset[str]]:
    """The paths (relative to the project, with `/`) that changed, one set per burst of changes.

    A burst ends when nothing has changed for `debounce_ms`, so an editor that writes a new file and renames it over the
    old one is one change. `ignored` are paths relative to the project (the outputs) whose changes, and whose
    contents' changes, are left out. Ends when `stop` is set. `heard` is set when the system told of any change at all.

    Raises `OSError` or `RuntimeError` where the system tells of nothing.
    """
    root = os.path.realpath(project)
    outputs = tuple(path.strip("/") for path in ignored if path.strip("/"))
    ears = _Ears(root, debounce_ms)
    try:
        while stop is None or not stop.is_set():
            burst = ears.next_burst()
            if burst and heard is not None:
                heard.set()
            names = (os.path.relpath(path, root).replace(os.sep, "/") for path in burst if not _is_own(path))
            found = frozenset(name for name in names if matters(name, outputs))
            if found:
                yield found
    finally:
        ears.close()


def _is_own(path: str) -> bool:
    """Whether it is the file to which this process's own output goes: each run would make the next one."""
    with suppress(OSError):
        changed = os.stat(path)
        return any(os.path.samestat(changed, os.fstat(stream)) for stream in (1, 2))
    return False


class _Ears:
    """Listens to the project's root, and to the trees below it but for those that never matter.

    Not to the root as one tree: the views that runs make in `.tars` link to the project's folders, and whoever watches
    the links too loses the watch of a folder when a view that links to it goes.
    """

    def __init__(self, root: str, debounce_ms: int) -> None:
        self._root, self._debounce_ms = root, debounce_ms
        self._bursts: SimpleQueue[frozenset[str] | Exception] = SimpleQueue()
        with suppress(OSError):
            os.makedirs(f"{root}/.tars", exist_ok=True)  # `until_heard` makes itself heard there.
        near = [one for one in (root, f"{root}/.tars") if os.path.isdir(one)]
        self._near = _Ear(near, self._bursts, debounce_ms, recursive=False)
        self._trees: frozenset[str] = frozenset()
        self._below: _Ear | None = None
        self._listen_below()

    def next_burst(self) -> frozenset[str]:
        """The absolute paths of the next burst; none where there was none for a moment."""
        try:
            burst = self._bursts.get(timeout=_POLL_SECONDS)
        except Empty:
            return frozenset()
        if isinstance(burst, Exception):
            raise burst
        self._listen_below()
        return burst

    def close(self) -> None:
        for ear in (self._near, self._below):
            if ear is not None:
                ear.close()

    def _listen_below(self) -> None:
        """Listens to the folders that there are now."""
        with suppress(OSError):
            found = (one.path for one in os.scandir(self._root) if one.is_dir() and one.name not in IGNORED)
            trees = frozenset(found)
            if trees == self._trees:
                return
            before, self._trees = self._below, trees
            self._below = _Ear(sorted(trees), self._bursts, self._debounce_ms, recursive=True) if trees else None
            if before is not None:
                before.close()


class _Ear:
    """One watcher in a thread of its own; it listens when this is made."""

    def __init__(
        self, paths: list[str], bursts: "SimpleQueue[frozenset[str] | Exception]", debounce_ms: int, *, recursive: bool
    ) -> None:
        self._stop, self._armed = threading.Event(), threading.Event()
        self._paths, self._bursts, self._debounce_ms, self._recursive = paths, bursts, debounce_ms, recursive
        self._thread = threading.Thread(target=self._listen, name="watch-files", daemon=True)
        self._thread.start()
        self._armed.wait(HEARD_SECONDS_MAX)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _listen(self) -> None:
        from watchfiles import Change, watch  # noqa: PLC0415 - loads a native watcher that only `--watch` needs

        try:
            for burst in watch(
                *self._paths,
                watch_filter=None,
                debounce=max(self._debounce_ms * 10, 100),
                step=self._debounce_ms,
                stop_event=self._stop,
                rust_timeout=_ARMED_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                recursive=self._recursive,
                ignore_permission_denied=True,
            ):
                self._armed.set()
                appeared = {path for change, path in burst if change is Change.added}
                # What came and went within one burst was an editor's scratch file, whatever its name.
                found = frozenset(path for _, path in burst if path not in appeared or os.path.lexists(path))
                if found:
                    self._bursts.put(found)
        except (OSError, RuntimeError) as error:
            self._bursts.put(error)
        finally:
            self._armed.set()


def until_heard(project: Path, heard: threading.Event) -> bool:
    """Makes changes that do not matter until one of them is heard: from then on no other is missed.

    Returns whether it was within a few seconds; some network file systems tell of nothing.
    """
    probe = project / ".tars" / f"watch-{os.getpid()}"
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(int(HEARD_SECONDS_MAX / _PROBE_SECONDS)):
            probe.write_bytes(b"")
            if heard.wait(_PROBE_SECONDS):
                return True
            probe.unlink(missing_ok=True)
        return False
    except OSError:
        return True  # A project that cannot be written can still be watched.
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


def matters(path: str, outputs: Collection[str]) -> bool:
    """Whether a change of `path` can change what a run does: it is no state, no output and no editor's scratch file."""
    parts = path.split("/")
    if path == "." or not IGNORED.isdisjoint(parts):
        return False
    if parts[-1].endswith(_SCRATCH_SUFFIXES) or parts[-1].startswith((".#", "#", "4913")):
        return False
    return not any(path == output or path.startswith(output + "/") for output in outputs)
