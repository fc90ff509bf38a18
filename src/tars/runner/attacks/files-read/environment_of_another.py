"""Reads what another process of the user's was given in its environment."""

import os
from pathlib import Path

if b"VICTIM_SECRET" in Path(f"/proc/{os.environ['VICTIM']}/environ").read_bytes():
    print("BITTEN")
