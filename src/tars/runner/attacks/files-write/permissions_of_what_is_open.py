"""Opens a file of the project's to everyone by way of a descriptor that may only read it."""

import os

os.fchmod(os.open(os.path.join(os.environ["PROJECT"], "source"), os.O_RDONLY), 0o777)
