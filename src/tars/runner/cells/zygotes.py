"""Keeps warm interpreters in sandboxes and has them fork a command that would else start one anew.

A zygote is started by the same launch as the commands that it forks, so it is confined to exactly what they are
granted, and held to what they may use: a change of that is another zygote. One agent at a time lives in it, and each
has namespaces of its own.
"""

import array
import json
import os
import signal
import socket
import struct
import threading
from contextlib import nullcontext, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.runner.cells import deadman, orphans
from tars.runner.cells.limits import Fence, fence_for
from tars.runner.values import Cell, Launch, Limits

START_SECONDS_MAX: Final = 10.0
ZYGOTES_MAX: Final = 8
"""How many are kept; each holds about ten megabytes."""
USES_MIN: Final = 2
"""The first command of its kind is started as usual: a zygote costs more than that, and may serve nobody."""
USES_WITHOUT: Final = 100
"""How many commands of a kind are started as usual before a zygote is tried again that did not come up."""
ORDER_BYTES_MAX: Final = 100_000
_READY: Final = b"ready"
_STARTING: Final = ("PYTHON", "LC_", "LANG", "LD_", "HOME", "TZ")
"""Variables that count when an interpreter starts begin so: what differs in them is another zygote."""

WRAPPERS: Final = 5
"""The processes beside an agent's own: bubblewrap's two, the zygote, and two between it and the agent."""

Key = tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[tuple[int, int], ...], Limits]


class Zygote(Prefab):
    process: Popen[bytes]
    connection: socket.socket
    slot: int
    key: Key
    fence: Fence | None
    server: int = 0
    """The number of the process that forks, as it is known here."""

    def fence_of(self, cell: Cell) -> Fence | None:
        """What holds the limits of a command that it forks."""
        groups = None if self.fence is None else self.fence.groups
        if groups is None and cell.limits.disk_bytes_min is None:
            return None
        refused = 0 if groups is None else groups.refused_processes()
        return Fence(cell.limits, groups, False, str(cell.cwd), lent=True, refused_before=refused)

    def end(self) -> None:
        self.connection.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        orphans.spare_no_more(self.process.pid)
        deadman.forget(self.slot)
        if self.fence is not None:
            self.fence.close()


class _Kept(Prefab):
    lock: threading.Lock = attribute(default_factory=threading.Lock)
    idle: dict[Key, list[Zygote]] = attribute(default_factory=dict)
    uses: dict[Key, int] = attribute(default_factory=dict)


_kept = _Kept()


class Forked(Prefab):
    """A command that a zygote forked, as `run_cell` uses a `Popen`: `pid` is the first process of its namespace, which
    takes all the others along."""

    zygote: Zygote
    pid: int
    exit_descriptor: int
    """A pidfd of that process, opened before the command starts: the zygote takes leave of it the moment it ends."""
    code: int | None = None
    lost: bool = False

    def kill(self) -> None:
        if self.code is None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)

    def poll(self) -> int | None:
        return self.code

    def wait(self) -> int:
        """Waits for its end; its exit code, 128 more than a signal's number where one ended it."""
        if self.code is None:
            said = _heard(self.zygote)
            self.lost = len(said) != 4
            self.code = 128 + signal.SIGKILL if self.lost else int(struct.unpack("=i", said)[0])
        return self.code

    def release(self, broken: bool) -> None:
        """Keeps the zygote for the next command; one whose groups remember that memory ran out is not kept."""
        if self.lost or broken or self.code is None:
            self.zygote.end()
        else:
            _give_back(self.zygote)


def fork(launch: Launch, cell: Cell, streams: tuple[int, int, int]) -> Forked | None:
    """Has the cell's command forked with these standard streams, or None where it has to be started."""
    order = json.dumps({"argv": launch.forked, "env": dict(launch.env), "cwd": str(launch.cwd)}).encode()
    if len(order) > ORDER_BYTES_MAX:
        return None
    zygote = _take(launch, cell)
    if zygote is None:
        return None
    watch = -1
    try:
        first = _only_child(_only_child(zygote.server))
        watch = os.pidfd_open(first)
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))
        zygote.connection.sendmsg((order,), (rights,))
    except (AttributeError, OSError, ValueError):
        zygote.end()
        if watch >= 0:
            os.close(watch)
        return None
    return Forked(zygote, first, watch)


def end() -> None:
    """Ends the zygotes that nobody uses."""
    with _kept.lock:
        zygotes = [each for kept in _kept.idle.values() for each in kept]
        _kept.idle.clear()
    for each in zygotes:
        each.end()


def _key_of(launch: Launch, cell: Cell) -> Key:
    """What a zygote must have in common with the command. A folder that is another by now, though it bears the same
    name, makes another zygote: the old one would go on seeing the old folder."""
    starting = tuple(sorted(item for item in launch.env.items() if item[0].startswith(_STARTING)))
    limits = replace(cell.limits, seconds_max=None, disk_bytes_min=None, output_bytes_max=0)
    return launch.zygote, starting, tuple(_identity(path) for path in (*cell.reads, *cell.writes)), limits


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


def _take(launch: Launch, cell: Cell) -> Zygote | None:
    """An idle zygote with an agent ready, or a new one where this is not the first command of its kind."""
    key = _key_of(launch, cell)
    while True:
        with _kept.lock:
            kept = _kept.idle.get(key)
            zygote = kept.pop() if kept else None
            if zygote is None:
                if len(_kept.uses) > 1000:
                    _kept.uses.clear()
                uses = _kept.uses[key] = _kept.uses.get(key, 0) + 1
        if zygote is None:
            return _start(launch, key) if uses >= USES_MIN else None
        if zygote.process.poll() is None and _heard(zygote, START_SECONDS_MAX) == _READY:
            return zygote
        zygote.end()


def _start(launch: Launch, key: Key) -> Zygote | None:
    """A new one; None where it does not come up, after which its kind is not tried again for long."""
    token = orphans.new_token()
    fence = fence_for(key[-1], replace(launch, wrappers=WRAPPERS), token)
    zygote = None
    if fence is None or not fence.watched:
        with suppress(OSError):
            zygote = _popened(launch, key, token, fence)
    if zygote is None:
        if fence is not None:
            fence.close()
    elif _is_up(zygote):
        return zygote
    else:
        zygote.end()
    with _kept.lock:
        _kept.uses[key] = -USES_WITHOUT
    return None


def _popened(launch: Launch, key: Key, token: str, fence: Fence | None) -> Zygote:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = (*launch.zygote, str(theirs.fileno()))
        env = {**dict(key[1]), "PATH": os.defpath, orphans.MARK: token}
        try:
            with nullcontext(command) if fence is None else fence.around_start(command) as argv:
                process = Popen(
                    argv, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, cwd=launch.cwd, env=env,
                    pass_fds=(theirs.fileno(),), start_new_session=True,
                )  # fmt: skip
        except OSError:
            ours.close()
            raise
    orphans.become_reaper()
    orphans.spare(process.pid)
    return Zygote(process, ours, deadman.note(process.pid), key, fence)


def _is_up(zygote: Zygote) -> bool:
    ready = _heard(zygote, START_SECONDS_MAX) == _READY
    for pipe in (zygote.process.stdout, zygote.process.stderr):
        if pipe is not None:
            pipe.close()
    try:
        zygote.server = _only_child(_only_child(zygote.process.pid))
    except ValueError:
        return False
    return ready


def _give_back(zygote: Zygote) -> None:
    """Keeps it for the next command; of too many, those that were not used for longest are ended."""
    with _kept.lock:
        kept = _kept.idle.pop(zygote.key, [])
        _kept.idle[zygote.key] = [*kept, zygote]
        old = next(iter(_kept.idle)) if sum(map(len, _kept.idle.values())) > ZYGOTES_MAX else None
        dropped = _kept.idle.pop(old) if old is not None else []
    for each in dropped:
        each.end()


def _heard(zygote: Zygote, seconds: float | None = None) -> bytes:
    """The next message, or nothing where it has ended or says nothing for so long."""
    try:
        zygote.connection.settimeout(seconds)
        return zygote.connection.recv(16)
    except OSError:
        return b""


def _only_child(pid: int) -> int:
    (child,) = orphans.children_of(pid)
    return child
