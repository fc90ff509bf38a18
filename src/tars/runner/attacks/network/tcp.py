"""Connects to a server on this machine."""

import os
import socket

with socket.create_connection(("127.0.0.1", int(os.environ["TCP_PORT"])), timeout=2) as connection:
    if connection.recv(8):
        print("BITTEN")
