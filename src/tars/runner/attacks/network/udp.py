"""Sends a datagram to a server on this machine, which answers."""

import os
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    sender.settimeout(2)
    sender.sendto(b"hello", ("127.0.0.1", int(os.environ["UDP_PORT"])))
    if sender.recv(8):
        print("BITTEN")
