"""Takes a file of the user's away into scratch."""

import os

os.rename(os.environ["SECRET_FILE"], "mine")
