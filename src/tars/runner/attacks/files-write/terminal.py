"""Writes on the user's terminal, and types for the user."""

import fcntl
import os

terminal = os.open(os.environ["TERMINAL"], os.O_RDWR | os.O_NOCTTY)
os.write(terminal, b"BITTEN")
for letter in b"BITTEN\n":
    fcntl.ioctl(terminal, 0x5412, bytes([letter]))
