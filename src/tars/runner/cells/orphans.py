"""Finds and ends the processes that a command leaves behind, even those that left its process group or its session.

On Linux nothing gets away: TARS makes itself the reaper of its descendants, so that a process whose parent has ended
becomes a child of TARS, where it is found. Elsewhere only the process group is ended.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from itertools import count
from subprocess import Popen
from time import monotonic, sleep

from ducktools.classbuilder.prefab import Prefab, attribute

MARK = "TARS_CELL"
"""The environment variable by which a process is known to belong to a cell, also after TARS itself was killed."""
END_SECONDS_MAX = 5.0
CHILDREN_BYTES_MAX = 1 << 16
"""How much is read of the numbers of a process's children; the system gives less at once."""
_PR_SET_CHILD_SUBREAPER = 36
_numbers = count(1)
PREFIX = os.urandom(8).hex()


class _Known(Prefab):
    """The cells that run now, by the process id of their command, and orphans that may belong to several of them."""

    lock: threading.Lock = attribute(default_factory=threading.Lock)
    cells: dict[int, str] = attribute(default_factory=dict)
    spared: set[int] = attribute(default_factory=set)
    starting: int = 0
    """How many commands are being started: such a process may be seen before it is known whose it is."""
    suspects: dict[tuple[int, int], set[str]] = attribute(default_factory=dict)
    listing: tuple[int, int] = (0, -1)
    """This process, and the descriptor that lists its children, which takes longer to open than to read."""


_known = _Known()


def new_token() -> str:
    """A mark for one cell, unique over all processes and runs."""
    return f"{PREFIX}.{next(_numbers)}"


def adopt(start: Callable[[], Popen[bytes]], token: str) -> Popen[bytes]:
    """Starts a cell's command and takes note of it, so that what it leaves behind is known when it comes here."""
    become_reaper()
    with _known.lock:
        _known.starting += 1
    try:
        process = start()
        _known.cells[process.pid] = token
    finally:
        with _known.lock:
            _known.starting -= 1
    return process


def spare(pid: int) -> None:
    """Never take this child, which is in a session of its own, for something that a cell left behind."""
    with _known.lock:
        _known.spared.add(pid)


def spare_no_more(pid: int) -> None:
    """That child was waited for: whoever bears its number from now on is another."""
    with _known.lock:
        _known.spared.discard(pid)


def release(pid: int, token: str) -> None:
    """Ends all that the cell left behind, and forgets the cell. The command itself must have been waited for."""
    if not become_reaper():
        reap_group(pid)
    elif _strangers():
        reap_group(pid)
        until = monotonic() + END_SECONDS_MAX
        while _end_orphans(token) and monotonic() < until:
            sleep(0.001)
    with _known.lock:
        _known.cells.pop(pid, None)


def reap_group(group: int) -> None:
    """Takes leave of ended members of a process group that became children of this process."""
    with suppress(ChildProcessError, AttributeError):
        while os.waitpid(-group, os.WNOHANG)[0]:
            pass


def send_below(pid: int, number: int, spare: int) -> None:
    """Sends a signal to the process's descendants, but not to the first `spare` generations, itself being the first."""
    generation = [pid]
    seen = {pid}
    depth = 0
    while generation:
        if depth >= spare:
            for each in generation:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(each, number)
        generation = [child for each in generation for child in children_of(each) if child not in seen]
        seen.update(generation)
        depth += 1


def children_of(pid: int) -> list[int]:
    """The children of a process's threads, as far as the system tells."""
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += _children_of_thread(pid, int(thread))
    return found


def _end_orphans(token: str) -> bool:
    """Ends the orphans of the cell that can be seen now; whether there were any."""
    strangers = _strangers()
    with _known.lock:
        mine = [child for child in strangers if _belongs(child, token)]
        if _known.suspects:
            _known.suspects = {key: owners for key, owners in _known.suspects.items() if key[0] in strangers}
    for child in mine:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
    return bool(mine)


def _strangers() -> list[int]:
    """The children of this process that are neither commands of cells nor spared."""
    return [child for child in _own_children() if child not in _known.cells and child not in _known.spared]


def _own_children() -> list[int]:
    me = os.getpid()
    if _known.listing[0] != me:
        with _known.lock:
            if _known.listing[0] != me:
                _known.listing = (me, _open_children(me, me))
    descriptor = _known.listing[1]
    if descriptor < 0:
        return _children_of_thread(me, me)
    return [int(each) for each in os.pread(descriptor, CHILDREN_BYTES_MAX, 0).split()]


def _belongs(pid: int, token: str) -> bool:
    """Whether an orphan is the cell's. One that bears no mark may be of any cell that ran when it was first seen, and
    counts as the last one's. What is in the session of TARS itself was started by TARS and is no orphan."""
    status = _status_of(pid)
    if status is None or status.session == os.getsid(0):
        return False
    if _mark_of(pid).startswith(PREFIX):
        return _is_marked(pid, token)
    if status.session in _known.cells:
        return _known.cells[status.session] == token
    if _known.starting:
        return False
    owners = _known.suspects.setdefault((pid, status.start), set(_known.cells.values()))
    owners.discard(token)
    return owners.isdisjoint(_known.cells.values())


def _is_marked(pid: int, token: str) -> bool:
    return _mark_of(pid) == token


class _Status(Prefab, frozen=True):
    session: int
    start: int


def _status_of(pid: int) -> _Status | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return _Status(int(fields[3]), int(fields[19]))


def _mark_of(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            variables = file.read().split(b"\0")
    except OSError:
        return ""
    start = f"{MARK}=".encode()
    return next((each[len(start) :].decode("ascii", "replace") for each in variables if each.startswith(start)), "")


def _children_of_thread(pid: int, thread: int) -> list[int]:
    descriptor = _open_children(pid, thread)
    if descriptor < 0:
        return [] if os.path.exists("/proc/thread-self/children") else _children_by_scan(pid)
    try:
        return [int(each) for each in os.read(descriptor, CHILDREN_BYTES_MAX).split()]
    finally:
        os.close(descriptor)


def _open_children(pid: int, thread: int) -> int:
    """A descriptor from which the numbers of the thread's children are read, or -1."""
    try:
        return os.open(f"/proc/{pid}/task/{thread}/children", os.O_RDONLY)
    except OSError:
        return -1


def _children_by_scan(pid: int) -> list[int]:
    return [each for each in _all_processes() if _parent_of(each) == pid]


def _all_processes() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _parent_of(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return -1


@cache
def become_reaper() -> bool:
    """Makes descendants whose parents have ended children of this process. Whether the system can do that."""
    if sys.platform != "linux":
        return False
    import ctypes  # slow, and not needed before the first command is started  # noqa: PLC0415

    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
