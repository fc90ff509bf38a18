"""Leaves its control group, raises its limits, and holds memory that is mapped nowhere: 192 MiB instead of 64."""

import os
import resource
import sys
import time
from pathlib import Path

for line in Path("/proc/self/cgroup").read_text().splitlines():
    _, controllers, group = line.split(":", 2)
    above = os.path.dirname(group).strip("/")
    for door in (f"/sys/fs/cgroup/{controllers}/{above}/cgroup.procs", f"/sys/fs/cgroup/{above}/cgroup.procs"):
        try:
            Path(door).write_text("0")
        except OSError:
            continue
try:
    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except (OSError, ValueError):
    pass
held = os.memfd_create("held")
piece = b"x" * (1 << 20)
for _ in range(192):
    os.write(held, piece)
time.sleep(0.3)
if os.fstat(held).st_size == 192 << 20:
    sys.stdout.write("BITTEN\n")
