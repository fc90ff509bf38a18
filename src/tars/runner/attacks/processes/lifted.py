"""Has 16 children at once where 12 are allowed, after it lifted the limit in control groups that it mounted itself."""

import ctypes
import os
import signal
import sys
import tempfile
from pathlib import Path

folder = tempfile.mkdtemp()
libc = ctypes.CDLL(None)
libc.unshare(0x10000000 | 0x00020000 | 0x02000000)
libc.mount(None, b"/", None, 1 << 14 | 1 << 18, None)
for kind, options in ((b"cgroup", b"pids"), (b"cgroup2", None)):
    if libc.mount(b"none", folder.encode(), kind, 0, options) == 0:
        try:
            Path(folder, "pids.max").write_text("max")
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
