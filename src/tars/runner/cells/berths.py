"""Keeps sandboxes that were made ready ahead, and has commands started in them that would else wait for one.

A keeper is a small process that has made one berth, waits for the end of the command that was started in it, and makes
the next. Whatever is unusual (a keeper that is not ready, a program that cannot be started, a folder that is another by
now) has the command started by bubblewrap instead, which also knows how to complain.
"""

import array
import json
import os
import select
import signal
import struct
import threading
from contextlib import suppress
from subprocess import DEVNULL, Popen
from time import monotonic
from typing import TYPE_CHECKING, Final

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.runner.cells import deadman, orphans
from tars.runner.cells.limits import Fence, fence_for
from tars.runner.values import Cell, Launch, Lodging

if TYPE_CHECKING:
    from socket import socket

KEEPERS_MAX: Final = max(2, min(8, os.cpu_count() or 2))
"""How many are kept; each holds about ten megabytes."""
USES_MIN: Final = 8
"""How many commands wait for a sandbox before another keeper is started, which costs what it saves for as many."""
READY_SECONDS_MAX: Final = 0.05
"""How long to wait for a berth that is being made after another one. To start bubblewrap takes some milliseconds."""
USES_WITHOUT: Final = 1000
"""How many commands are started as usual before a keeper is tried again where none came up."""
ANSWER_SECONDS_MAX: Final = 10.0
ORDER_BYTES_MAX: Final = 100_000
_ENDED: Final = 128 + signal.SIGKILL


class Berth(Prefab):
    """A keeper and its berth, as `run_cell` uses a `Popen`: `pid` is the first process of the namespaces, which takes
    all the others along."""

    keeper: Popen[bytes]
    connection: "socket"
    slot: int
    kind: tuple[str, ...]
    pid: int = 0
    exit_descriptor: int = -1
    """A pidfd of that process, opened before the command starts: its keeper takes leave of it the moment it ends."""
    code: int | None = None
    lost: bool = False
    served: bool = False
    mounts: int = 0
    """How often anything had been mounted or unmounted before this berth was made."""

    def is_ready(self, seconds: float) -> bool:
        """Whether it waits for a command by then."""
        until = monotonic() + seconds
        while not self.lost and not (self.pid and self.mounts == _kept.mounts):
            if self.pid:
                self._renounce()
            elif not self.has_news(until - monotonic()):
                return False
            else:
                word, _, number = self._heard().partition(b" ")
                self.lost = word != b"ready" or not number.isdigit()
                self.pid, self.exit_descriptor, self.code = 0 if self.lost else int(number), -1, None
        return not self.lost

    def has_news(self, seconds: float = 0) -> bool:
        return bool(select.select([self.connection], (), (), max(0.0, seconds))[0])

    def _renounce(self) -> None:
        """Has another berth made: what was mounted or unmounted since, this one may not see."""
        self.mounts = _kept.mounts
        with suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def start(self, order: bytes, descriptors: list[int]) -> bool:
        """Has the command started; whether it was."""
        import socket  # It is there since the keeper was started.  # noqa: PLC0415

        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))
        try:
            self.exit_descriptor = os.pidfd_open(self.pid)
            self.connection.sendmsg((order,), (rights,))
        except OSError:
            self.lost = True
        answer = b"" if self.lost else self._heard()
        if answer == b"up":
            return True
        if not answer:
            self.kill()
        if not self.lost:
            self.wait()
        if self.exit_descriptor >= 0:
            os.close(self.exit_descriptor)
        self.served = True
        return False

    def kill(self) -> None:
        if self.code is None and self.exit_descriptor >= 0:
            with suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(self.exit_descriptor, signal.SIGKILL)

    def poll(self) -> int | None:
        return self.code

    def wait(self) -> int:
        """Waits for its end; its exit code, 128 more than a signal's number where one ended it."""
        if self.code is None:
            self.connection.settimeout(None)
            said = self._heard()
            self.lost, self.pid = len(said) != 4, 0
            self.code = _ENDED if self.lost else int(struct.unpack("=i", said)[0])
            self.connection.settimeout(ANSWER_SECONDS_MAX)
        return self.code

    def release(self, broken: bool) -> None:
        """Keeps the keeper for the next command, also where memory ran out: nothing here remembers that."""
        del broken
        self.lost = self.lost or self.code is None
        self.served = True
        self.mounts = _kept.mounts
        _give_back(self)

    def end(self) -> None:
        self.connection.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.keeper.pid, signal.SIGKILL)
        self.keeper.wait()
        orphans.spare_no_more(self.keeper.pid)
        deadman.forget(self.slot)
        with _kept.lock:
            _kept.living -= 1

    def _heard(self) -> bytes:
        try:
            return self.connection.recv(1024)
        except OSError:
            return b""


class _Kept(Prefab):
    lock: threading.Lock = attribute(default_factory=threading.Lock)
    idle: list[Berth] = attribute(default_factory=list)
    living: int = 0
    waited: int = 0
    """How many commands found no berth since the last keeper was started."""
    mounts: int = 0
    """How often anything was mounted or unmounted."""
    mounts_descriptor: int = -1


_kept = _Kept()


def lodge(launch: Launch, cell: Cell, token: str, streams: tuple[int, int, int]) -> tuple[Berth, Fence | None] | None:
    """The cell's command in a berth, and what holds its limits; None where it has to be started otherwise."""
    if launch.lodging is None:
        return None
    order = _order(launch.lodging, launch, token)
    berth = _take(launch.lodging.keeper) if len(order) <= ORDER_BYTES_MAX else None
    if berth is None:
        return None
    fence, started = None, False
    try:
        fence = fence_for(cell.limits, replace(launch, wrappers=1), token)
        started = (fence is None or not fence.watched) and _start_in(berth, order, streams, fence)
    finally:
        if not started:
            if fence is not None:
                fence.close()
            _give_back(berth)
    return (berth, fence) if started else None


def _start_in(berth: Berth, order: bytes, streams: tuple[int, int, int], fence: Fence | None) -> bool:
    doors = [] if fence is None or fence.groups is None else fence.groups.open_doors()
    try:
        return berth.start(order, [*streams, *doors])
    finally:
        for door in doors:
            os.close(door)


def end() -> None:
    """Ends the keepers that nobody uses."""
    with _kept.lock:
        berths, _kept.idle = _kept.idle, []
    for each in berths:
        each.end()


def _order(lodging: Lodging, launch: Launch, token: str) -> bytes:
    cwd = str(launch.cwd)
    grants: list[tuple[str, bool, int, int]] = []
    for path, writable in lodging.grants:
        try:
            status = os.stat(path)
        except OSError as error:
            if writable or not isinstance(error, FileNotFoundError):
                grants.append((path, writable, 0, 0))  # It is refused, and bubblewrap says so.
            continue
        grants.append((path, writable, status.st_dev, status.st_ino))
    env = {**launch.env, orphans.MARK: token, "PWD": cwd}
    order = {"argv": lodging.argv, "env": env, "cwd": cwd, "grants": grants, "processes_max": lodging.processes_max}
    return json.dumps(order).encode()


def _take(kind: tuple[str, ...]) -> Berth | None:
    """A berth that is ready, or will be in a moment. Where commands have waited often enough a keeper is started, for
    those that come after."""
    begin = False
    with _kept.lock:
        _kept.mounts += _mounts_changed()
        idle = [each for each in _kept.idle if each.kind == kind]
        found = next((each for each in idle if each.pid or each.has_news()), None)
        found = found or next((each for each in idle if each.served), None)
        if found is not None:
            _kept.idle.remove(found)
        elif not idle:
            _kept.waited += 1
            begin = _kept.waited >= USES_MIN and _kept.living < KEEPERS_MAX
            if begin:
                _kept.waited, _kept.living = 0, _kept.living + 1
    if begin:
        _start(kind)
    if found is None or found.is_ready(READY_SECONDS_MAX):
        return found
    _give_back(found)
    return None


def _give_back(berth: Berth) -> None:
    if berth.lost:
        berth.end()
        if not berth.served:
            _kept.waited = -USES_WITHOUT
        return
    with _kept.lock:
        _kept.idle.append(berth)


def _mounts_changed() -> bool:
    """Whether anything was mounted or unmounted since this was last asked."""
    if _kept.mounts_descriptor < 0:
        return False
    poll = select.poll()
    poll.register(_kept.mounts_descriptor, select.POLLPRI)
    return bool(poll.poll(0))


def _start(kind: tuple[str, ...]) -> None:
    """A new keeper, which is used as soon as it is ready."""
    import socket  # slow, and most runs start few commands  # noqa: PLC0415

    if _kept.mounts_descriptor < 0:
        _kept.mounts_descriptor = os.open("/proc/self/mountinfo", os.O_RDONLY)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            keeper = Popen(
                (*kind, str(theirs.fileno())), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, cwd="/",
                env={"PATH": os.defpath, orphans.MARK: orphans.new_token()}, pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )  # fmt: skip
        except OSError:
            ours.close()
            with _kept.lock:
                _kept.waited, _kept.living = -USES_WITHOUT, _kept.living - 1
            return
    orphans.become_reaper()
    orphans.spare(keeper.pid)
    ours.settimeout(ANSWER_SECONDS_MAX)
    berth = Berth(keeper, ours, deadman.note(keeper.pid), kind)
    with _kept.lock:
        _kept.idle.append(berth)
