"""Control groups of Linux, version 1 or 2: the only limits on memory and processes that no program can get around."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from time import monotonic, sleep, time
from typing import Literal

from ducktools.classbuilder.prefab import Prefab

from tars.runner.values import Limits

Controller = Literal["memory", "pids", "cpu"]
PERIOD_MICROSECONDS = 100_000
"""The time over which a share of the processors is counted."""
REMOVE_SECONDS_MAX = 2.0
LEFT_SECONDS_MIN = 60.0
"""How old an empty group is that a TARS which was killed must have left: others are empty for a moment only."""


class Home(Prefab, frozen=True):
    """A folder below which this process may make groups with that controller."""

    folder: str
    version: int


class Groups(Prefab, frozen=True):
    """The groups made for one cell: one folder, or in version 1 one for each controller. `processes_max` is how many
    processes `pids`, one of the folders, is to hold."""

    folders: tuple[str, ...]
    memory: str
    version: int
    pids: str = ""
    processes_max: int = 0

    def doors(self) -> tuple[str, ...]:
        """The files into which a process writes its number to be held by the groups."""
        return tuple(f"{folder}/cgroup.procs" for folder in self.folders)

    def open_doors(self) -> list[int]:
        """Descriptors into which a process of one thread writes 0 to be held by the groups; to be closed."""
        name = "tasks" if self.version == 1 else "cgroup.procs"
        return [os.open(f"{folder}/{name}", os.O_WRONLY) for folder in self.folders]

    @contextmanager
    def around_thread(self) -> Iterator[bool]:
        """Has this thread in the groups meanwhile, so that a command which it starts is born in them; whether it is.

        Only version 1 takes single threads, and where the main thread went, the memory of all others would be counted.
        """
        if self.version != 1 or (self.memory and threading.get_native_id() == os.getpid()):
            yield False
            return
        # Opened before: within a limit on memory that is too small for anything even that is refused, and the thread
        # would stay where it is.
        ways_out = [os.open(f"{os.path.dirname(folder)}/tasks", os.O_WRONLY) for folder in self.folders]
        entered = True
        try:
            try:
                self._resize(1)
                for folder in self.folders:
                    _write(folder, "tasks", 0)
            except OSError:
                entered = False
            yield entered
        finally:
            for way_out in ways_out:
                os.write(way_out, b"0")
            for way_out in ways_out:
                os.close(way_out)
            self._resize(0)

    def _resize(self, more: int) -> None:
        if self.pids:
            _write(self.pids, "pids.max", self.processes_max + more)

    def out_of_memory(self) -> bool:
        """Whether the system ended one of the processes because they held too much memory."""
        if not self.memory:
            return False
        file = "memory.oom_control" if self.version == 1 else "memory.events"
        return any(
            line.split() > ["oom_kill", "0"] for line in _lines(self.memory, file) if line.startswith("oom_kill ")
        )

    def refused_processes(self) -> int:
        """How often the system refused to start another process; 0 where their number is not limited."""
        lines = _lines(self.pids, "pids.events") if self.pids else []
        return next((int(line.split()[1]) for line in lines if line.startswith("max ")), 0)

    def remove(self) -> None:
        """Ends whatever is still in the groups and removes them."""
        until = monotonic() + REMOVE_SECONDS_MAX
        for folder in self.folders:
            while not _removed(folder) and monotonic() < until:
                for pid in map(int, _lines(folder, "cgroup.procs")):
                    with suppress(ProcessLookupError, PermissionError):
                        if pid != os.getpid():
                            os.kill(pid, signal.SIGKILL)
                sleep(0.001)


def holds(controller: Controller) -> bool:
    """Whether limits of that kind can be set on this machine by this user; found out by setting one."""
    return home_of(controller) is not None


def make_groups(limits: Limits, token: str, spare_processes: int) -> Groups | None:
    """Groups that hold the limits as far as this machine can; None where it can do none of them."""
    asked: dict[Controller, int] = {}
    if limits.memory_bytes_max is not None:
        asked["memory"] = limits.memory_bytes_max
    if limits.processes_max is not None:
        asked["pids"] = limits.processes_max + spare_processes
    if limits.cpus_max is not None:
        asked["cpu"] = max(1000, int(min(limits.cpus_max, os.cpu_count() or 1) * PERIOD_MICROSECONDS))
    folders: list[str] = []
    memory, pids, version = "", "", 0
    for controller, value in asked.items():
        home = home_of(controller)
        if home is None:
            continue
        folder = f"{home.folder}/tars-{token}"
        with suppress(FileExistsError):
            os.mkdir(folder)
        _limit(folder, controller, home.version, value)
        if folder not in folders:
            folders.append(folder)
        if controller == "memory":
            memory = folder
        elif controller == "pids":
            pids = folder
        version = home.version
    return Groups(tuple(folders), memory, version, pids, asked.get("pids", 0)) if folders else None


@cache
def home_of(controller: Controller) -> Home | None:
    """The nearest place at or above this process's own group where groups can be made, tried by making one."""
    for home in _candidates(controller):
        trial = f"{home.folder}/tars-trial-{os.getpid()}"
        try:
            os.mkdir(trial)
        except OSError:
            continue
        try:
            _limit(trial, controller, home.version, 1 << 20)
            if os.access(f"{home.folder}/cgroup.procs", os.W_OK):
                _remove_left(home.folder)
                return home
        except OSError:
            continue
        finally:
            _removed(trial)
    return None


def _remove_left(folder: str) -> None:
    """Removes the groups of a TARS that was killed; the system refuses for those that hold a process."""
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith("tars-") and time() - os.stat(f"{folder}/{name}").st_mtime > LEFT_SECONDS_MIN:
                _removed(f"{folder}/{name}")


def _limit(folder: str, controller: Controller, version: int, value: int) -> None:
    if controller == "pids":
        _write(folder, "pids.max", value)
    elif controller == "cpu" and version == 1:
        _write(folder, "cpu.cfs_period_us", PERIOD_MICROSECONDS)
        _write(folder, "cpu.cfs_quota_us", value)
    elif controller == "cpu":
        _write(folder, "cpu.max", f"{value} {PERIOD_MICROSECONDS}")
    elif version == 1:
        _write(folder, "memory.limit_in_bytes", value)
        with suppress(OSError):
            _write(folder, "memory.memsw.limit_in_bytes", value)
    else:
        _write(folder, "memory.max", value)
        _write(folder, "memory.oom.group", 1)
        with suppress(OSError):
            _write(folder, "memory.swap.max", 0)


def _candidates(controller: Controller) -> list[Home]:
    """In version 1 this process's own group; in version 2 every group above that hands the controller down."""
    own: dict[str, str] = {}
    for line in _lines("/proc/self", "cgroup"):
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            own[name] = path
    homes: list[Home] = []
    for line in _lines("/proc/self", "mountinfo"):
        left, _, right = line.partition(" - ")
        root, folder = left.split()[3:5]
        kind, _, options = right.split()[:3]
        if kind == "cgroup" and controller in options.split(",") and controller in own:
            homes.append(Home(_below(folder, root, own[controller]), 1))
        elif kind == "cgroup2" and "" in own:
            inner = _below(folder, root, own[""])
            while inner.startswith(folder):
                if any(controller in handed.split() for handed in _lines(inner, "cgroup.subtree_control")):
                    homes.append(Home(inner, 2))
                inner = os.path.dirname(inner)
    return homes


def _below(folder: str, root: str, path: str) -> str:
    relative = path.removeprefix(root).strip("/") if root != "/" else path.strip("/")
    return f"{folder}/{relative}" if relative else folder


def _lines(folder: str, file: str) -> list[str]:
    try:
        with open(f"{folder}/{file}", encoding="utf-8", errors="replace") as opened:
            return opened.read().splitlines()
    except OSError:
        return []


def _write(folder: str, file: str, value: int | str) -> None:
    with open(f"{folder}/{file}", "w", encoding="ascii") as opened:
        opened.write(str(value))


def _removed(folder: str) -> bool:
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
