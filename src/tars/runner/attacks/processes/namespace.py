"""Has 16 children at once where 12 are allowed, in a user namespace of its own, where a count may begin anew."""

import ctypes
import os
import signal
import sys
from pathlib import Path

for line in Path("/proc/self/cgroup").read_text().splitlines():
    _, controllers, group = line.split(":", 2)
    above = os.path.dirname(group).strip("/")
    for door in (f"/sys/fs/cgroup/{controllers}/{above}/cgroup.procs", f"/sys/fs/cgroup/{above}/cgroup.procs"):
        try:
            Path(door).write_text("0")
        except OSError:
            continue
ctypes.CDLL(None).unshare(0x10000000)
children = []
try:
    for _ in range(16):
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
finally:
    for child in children:
        os.kill(child, signal.SIGKILL)
if len(children) == 16:
    sys.stdout.write("BITTEN\n")
