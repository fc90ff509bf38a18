"""Puts a file made in scratch in the place of one of the project's."""

import os
from pathlib import Path

Path("mine").write_text("changed")
os.rename("mine", os.path.join(os.environ["PROJECT"], "source"))
