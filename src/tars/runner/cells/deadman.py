"""Ends running commands when TARS itself is killed: a small shell that waits for the death of this process.

It reads the process groups to end from shared memory, so that noting one costs a few bytes written and wakes nobody. A
container is no descendant of ours and may have cleared its environment, so it is found by its name.
"""

import os
import sys
import threading
from mmap import mmap
from subprocess import DEVNULL, Popen

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.runner.cells import orphans

_SLOTS = 512
_SLOT_BYTES = 12
_ENGINES_VARIABLES = ("HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "CONTAINER_HOST")
"""Where the engines of containers are found."""
_SCRIPT = r"""
read -r line
found=
while read -r group; do
  if [ "$group" -gt 1 ]; then kill -KILL -- "-$group"; found=1; fi
done <"/proc/self/fd/$1"
[ "$found" ] || exit 0
for process in /proc/[0-9]*; do
  grep -qs "$2" "$process/environ" && kill -KILL "${process#/proc/}"
done
for engine in podman docker; do
  if command -v "$engine" >/dev/null; then
    "$engine" ps --all --quiet --filter "name=tars-$3-" | while read -r each; do
      "$engine" kill "$each"; "$engine" rm --force "$each"
    done
  fi
done
exit 0
"""


class _Deadman(Prefab):
    lock: threading.Lock = attribute(default_factory=threading.Lock)
    slots: mmap | None = None
    free: list[int] = attribute(default_factory=list)
    keep: tuple[object, ...] = ()
    """What must live as long as this process: the pipe whose closing tells of its death, and the shell."""


_deadman = _Deadman()


def note(group: int) -> int:
    """Has the process group ended if this process dies. Returns a number for `forget`, or -1 if nothing was noted."""
    if sys.platform != "linux":
        return -1
    with _deadman.lock:
        if _deadman.slots is None:
            _start()
        if not _deadman.free or _deadman.slots is None:
            return -1
        slot = _deadman.free.pop()
        _write(slot, group)
        return slot


def runs() -> bool:
    """Whether the shell waits already, so that noting a command costs nothing to speak of."""
    return _deadman.slots is not None


def forget(slot: int) -> None:
    """The process group has ended; what bears its number from now on is none of ours."""
    if slot >= 0:
        with _deadman.lock:
            _write(slot, 0)
            _deadman.free.append(slot)


def _start() -> None:
    shared = os.memfd_create("tars-deadman", os.MFD_CLOEXEC)
    os.truncate(shared, _SLOTS * _SLOT_BYTES)
    _deadman.slots = mmap(shared, _SLOTS * _SLOT_BYTES)
    for slot in range(_SLOTS):
        _write(slot, 0)
    _deadman.free = list(range(_SLOTS))
    waits, dies = os.pipe()
    shell = Popen(
        ("/bin/sh", "-c", _SCRIPT, "sh", str(shared), f"{orphans.MARK}={orphans.PREFIX}", orphans.PREFIX),
        stdin=waits,
        stdout=DEVNULL,
        stderr=DEVNULL,
        cwd="/",
        env={name: os.environ[name] for name in _ENGINES_VARIABLES if name in os.environ}
        | {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"},
        pass_fds=(shared,),
        start_new_session=True,
    )
    orphans.spare(shell.pid)
    os.close(waits)
    os.close(shared)
    _deadman.keep = (dies, shell)


def _write(slot: int, group: int) -> None:
    assert _deadman.slots is not None
    _deadman.slots[slot * _SLOT_BYTES : (slot + 1) * _SLOT_BYTES] = b"%*d\n" % (_SLOT_BYTES - 1, group)
