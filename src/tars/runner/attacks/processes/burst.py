"""Has 16 children at once where 12 are allowed, for so short a time that one who looks now and then misses it."""

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
