"""Writes into a file of the user's through a symbolic link made in scratch."""

import os
from pathlib import Path

os.symlink(os.environ["SECRET_FILE"], "door")
Path("door").write_text("changed")
