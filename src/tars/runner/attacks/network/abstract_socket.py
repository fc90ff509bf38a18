"""Connects to a Unix socket that has a name but no file."""

import os
import socket

with socket.socket(socket.AF_UNIX) as connection:
    connection.settimeout(2)
    connection.connect("\0" + os.environ["ABSTRACT"])
    if connection.recv(8):
        print("BITTEN")
