"""Connects to a Unix socket outside, as those of a container engine or a database are."""

import os
import socket

with socket.socket(socket.AF_UNIX) as connection:
    connection.settimeout(2)
    connection.connect(os.environ["SOCKET_FILE"])
    if connection.recv(8):
        print("BITTEN")
