"""Reads a file of the user's through a symbolic link made in scratch."""

import os
from pathlib import Path

os.symlink(os.environ["SECRET_FILE"], "peek")
if Path("peek").read_text():
    print("BITTEN")
