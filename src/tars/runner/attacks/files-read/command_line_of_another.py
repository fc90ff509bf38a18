"""Reads with which arguments another process of the user's was started."""

import os
from pathlib import Path

if b"victim" in Path(f"/proc/{os.environ['VICTIM']}/cmdline").read_bytes():
    print("BITTEN")
