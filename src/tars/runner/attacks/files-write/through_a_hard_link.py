"""Writes into a file of the project's through a hard link made in scratch."""

import os
from pathlib import Path

os.link(os.path.join(os.environ["PROJECT"], "source"), "door")
Path("door").write_text("changed")
