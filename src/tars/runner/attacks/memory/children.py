"""Leaves its control group and has six orphans hold 32 MiB each, where 64 are allowed in all."""

import os
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
read, write = os.pipe()
for _ in range(6):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            held = bytearray(b"x") * (32 << 20)
            os.write(write, b"." if held else b"")
            time.sleep(2)
        os._exit(0)
os.close(write)
time.sleep(0.5)
os.set_blocking(read, False)
try:
    holders = len(os.read(read, 100))
except BlockingIOError:
    holders = 0
if holders == 6:
    sys.stdout.write("BITTEN\n")
