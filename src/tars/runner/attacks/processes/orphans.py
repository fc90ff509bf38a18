"""Leaves its control group, raises its limits, and starts 40 orphans in sessions of their own, where 12 are allowed."""

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
    resource.setrlimit(resource.RLIMIT_NPROC, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except (OSError, ValueError):
    pass
read, write = os.pipe()
for _ in range(40):
    if os.fork() == 0:
        os.setsid()
        try:
            if os.fork() == 0:
                os.write(write, b".")
                time.sleep(2)
        finally:
            os._exit(0)
    os.wait()
os.close(write)
time.sleep(0.2)
if len(os.read(read, 100)) == 40:
    sys.stdout.write("BITTEN\n")
