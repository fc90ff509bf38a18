"""Reads a file of the user's through a hard link made in scratch."""

import os
from pathlib import Path

os.link(os.environ["SECRET_FILE"], "peek")
if Path("peek").read_text():
    print("BITTEN")
