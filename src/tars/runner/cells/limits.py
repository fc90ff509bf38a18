"""Holds a command's limits on memory and processes: by control groups where they can be had, else by watching it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, Final, Literal

from ducktools.classbuilder.prefab import Prefab, replace

from tars.runner.cells import cgroups
from tars.runner.cells.orphans import children_of
from tars.runner.values import Launch, Limits

DISK_BYTES_MIN: Final = 512 << 20
"""How much of the disk is left to others: a module is ended, and outputs are refused, before they take it."""
GROUPS_SECONDS: Final = 0.1
WATCH_SECONDS: Final = 0.02
"""How often a limit is looked at; between two looks a watched command may take what it can get in that time."""
BACKSTOP_BYTES: Final = 1 << 30
"""How far above the limit the system itself refuses memory to one watched process. It counts what is asked for, not
what is used, and runtimes ask for more than they use."""

_ENTER = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 >"$1" || exit 126; shift; n=$((n-1)); done; exec "$@"'


class Fence(Prefab, frozen=True):
    """What holds one command's limits. `seconds` is how often to ask whether it holds still."""

    limits: Limits
    groups: cgroups.Groups | None
    watched: bool
    folder: str
    """The working folder, whose disk is not to be filled."""
    lent: bool = False
    """Its control groups are there for other commands after this one."""
    refused_before: int = 0
    """How often others were refused a process in these groups."""

    @property
    def seconds(self) -> float:
        return WATCH_SECONDS if self.watched or self.limits.disk_bytes_min is not None else GROUPS_SECONDS

    @contextmanager
    def around_start(self, argv: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The command as it is to be started, by this thread: it is in its control groups before anything of it runs,
        because the thread is, or by a shell that enters them, which takes as long as a small command."""
        if self.groups is None:
            yield argv
            return
        with self.groups.around_thread() as entered:
            doors = self.groups.doors()
            yield argv if entered else ("/bin/sh", "-c", _ENTER, "sh", str(len(doors)), *doors, *argv)

    def after_start(self, pid: int) -> None:
        """What can only be set on a process that is there."""
        if self.watched and self.limits.memory_bytes_max is not None:
            limit_resource(pid, "RLIMIT_DATA", self.limits.memory_bytes_max + BACKSTOP_BYTES)

    def breach(self, pid: int) -> Literal["", "memory", "processes", "disk"]:
        """Which limit the command has broken, or nothing."""
        if self.limits.disk_bytes_min is not None and free_bytes(self.folder) < self.limits.disk_bytes_min:
            return "disk"
        return self.breach_of_group(pid)

    def breach_of_group(self, pid: int) -> Literal["", "memory", "processes"]:
        """As `breach`, but for the disk, which others may have filled as well."""
        if self.groups is not None and self.groups.out_of_memory():
            return "memory"
        if not self.watched:
            return ""
        memory = processes = 0
        for each in _descendants(pid):
            memory += _memory_bytes(each)
            processes += 1
        if self.limits.memory_bytes_max is not None and memory > self.limits.memory_bytes_max:
            return "memory"
        if self.limits.processes_max is not None and processes > self.limits.processes_max:
            return "processes"
        return ""

    def has_refused(self) -> bool:
        """Whether the command was refused a process."""
        return self.groups is not None and self.groups.refused_processes() > self.refused_before

    def close(self) -> None:
        if self.groups is not None and not self.lent:
            self.groups.remove()


def fence_for(limits: Limits, launch: Launch, token: str) -> Fence | None:
    """None where no limit but that of time is asked for, which then costs nothing."""
    unlimited = limits.memory_bytes_max is None and limits.processes_max is None and limits.cpus_max is None
    if unlimited or launch.limited:
        return None if limits.disk_bytes_min is None else Fence(limits, None, False, str(launch.cwd))
    if launch.processes_held:
        limits = replace(limits, processes_max=None)
    groups = cgroups.make_groups(limits, token, launch.wrappers)
    memory_held = limits.memory_bytes_max is None or cgroups.holds("memory")
    processes_held = limits.processes_max is None or cgroups.holds("pids")
    watched = not (memory_held and processes_held)
    if groups is None and not watched and limits.disk_bytes_min is None:
        return None
    return Fence(limits, groups, watched, str(launch.cwd))


def free_bytes(folder: str) -> int:
    """What this user may still write on the folder's disk."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def spared_bytes(folder: str) -> int:
    """How much of the folder's disk a module must leave free: half of what is, where that is little."""
    return min(DISK_BYTES_MIN, free_bytes(folder) // 2)


def can_limit() -> bool:
    """Whether this machine can hold limits on memory and processes at all, if only by watching."""
    return os.path.exists("/proc/self/statm")


def can_limit_cpus() -> bool:
    """Whether this user can hold a command to a share of the processors, which only a control group does."""
    return cgroups.holds("cpu")


def limit_resource(pid: int, name: str, value: int) -> None:
    """Sets both bounds of a resource limit of a process, where the system can."""
    resource = _resource()
    if resource is not None:
        with suppress(OSError, ValueError):
            resource.prlimit(pid, getattr(resource, name), (value, value))


@cache
def _resource() -> Any:
    """The module that can limit other processes, or None where the system cannot."""
    import resource  # noqa: PLC0415  (there is none on Windows)

    return resource if hasattr(resource, "prlimit") else None


def _descendants(pid: int) -> Iterator[int]:
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += children_of(each)


def _memory_bytes(pid: int) -> int:
    """What the process alone holds: anonymous and shared memory and what of it was swapped out, not mapped files."""
    total = 0
    with suppress(OSError, ValueError), open(f"/proc/{pid}/status", "rb") as file:
        for line in file:
            if line.startswith((b"RssAnon:", b"RssShmem:", b"VmSwap:")):
                total += int(line.split()[1]) * 1024
    return total
