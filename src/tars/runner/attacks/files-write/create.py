"""Makes a file in a folder of the user's."""

import os
from pathlib import Path

Path(os.environ["OUTSIDE"], "new").write_text("new")
