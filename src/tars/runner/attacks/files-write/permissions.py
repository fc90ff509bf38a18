"""Opens a file of the project's to everyone."""

import os

os.chmod(os.path.join(os.environ["PROJECT"], "source"), 0o777)
