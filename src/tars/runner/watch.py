"""Tells when files of a project change, so that a run can be repeated: debounced, and blind to what runs write."""

import os
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

IGNORED = frozenset({".tars", ".git", ".hg", ".svn", "node_modules", "target", "__pycache__", ".venv", ".mypy_cache"})
"""Folders, at any depth, whose changes never matter."""
HEARD_SECONDS_MAX = 5.0
_PROBE_SECONDS = 0.25
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
    """
    from watchfiles import Change, watch  # noqa: PLC0415 - loads a native watcher that only `--watch` needs

    root = os.path.realpath(project)
    outputs = tuple(path.strip("/") for path in ignored if path.strip("/"))
    for burst in watch(
        root,
        watch_filter=None,
        debounce=max(debounce_ms * 10, 100),
        step=debounce_ms,
        stop_event=stop,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        if heard is not None:
            heard.set()
        appeared = {path for change, path in burst if change is Change.added}
        found = frozenset(
            name
            for _, path in burst
            # What came and went within one burst was an editor's scratch file, whatever its name.
            if (path not in appeared or os.path.lexists(path))
            and matters(name := os.path.relpath(path, root).replace(os.sep, "/"), outputs)
        )
        if found:
            yield found


def until_heard(project: Path, heard: threading.Event) -> bool:
    """Makes changes that do not matter until one of them is heard: from then on no other is missed.

    Returns whether it was within a few seconds; some network file systems tell of nothing.
    """
    probe = project / ".tars" / "tmp" / f"watch-{os.getpid()}"
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
