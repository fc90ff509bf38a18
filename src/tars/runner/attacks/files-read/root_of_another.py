"""Reads a file of the user's by way of another process's root folder."""

import os
from pathlib import Path

if Path(f"/proc/{os.environ['VICTIM']}/root{os.environ['SECRET_FILE']}").read_text():
    print("BITTEN")
