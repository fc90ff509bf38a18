"""Writes into a file of the user's."""

import os
from pathlib import Path

Path(os.environ["SECRET_FILE"]).write_text("changed")
