"""Empties a file of the project without opening it."""

import os

os.truncate(os.path.join(os.environ["PROJECT"], "source"), 0)
