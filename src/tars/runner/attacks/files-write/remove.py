"""Removes a file of the project."""

import os

os.unlink(os.path.join(os.environ["PROJECT"], "source"))
