"""Holds 192 MiB where 64 are allowed, after it lifted the limit in control groups that it mounted itself."""

import ctypes
import sys
import tempfile
from pathlib import Path

folder = tempfile.mkdtemp()
libc = ctypes.CDLL(None)
libc.unshare(0x10000000 | 0x00020000 | 0x02000000)
libc.mount(None, b"/", None, 1 << 14 | 1 << 18, None)
for kind, options in ((b"cgroup", b"memory"), (b"cgroup2", None)):
    if libc.mount(b"none", folder.encode(), kind, 0, options) == 0:
        for limit in ("memory.memsw.limit_in_bytes", "memory.limit_in_bytes", "memory.max"):
            try:
                Path(folder, limit).write_text("max" if limit == "memory.max" else "-1")
            except OSError:
                continue
held = bytearray(b"x") * (192 << 20)
sys.stdout.write("BITTEN\n" if held else "")
