"""Makes a file in the project, which may only be read."""

import os
from pathlib import Path

Path(os.environ["PROJECT"], "new").write_text("new")
