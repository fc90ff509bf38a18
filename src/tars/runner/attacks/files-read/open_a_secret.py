"""Reads a file of the user's by its name."""

import os
from pathlib import Path

if Path(os.environ["SECRET_FILE"]).read_text():
    print("BITTEN")
