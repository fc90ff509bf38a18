"""Looks what there is in a folder of the user's."""

import os

if os.listdir(os.environ["OUTSIDE"]):
    print("BITTEN")
