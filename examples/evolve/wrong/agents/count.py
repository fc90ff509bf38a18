"""Counts lines."""

import os

with open(os.environ["TARS_INPUT"], encoding="utf-8") as file:
    count = sum(1 for _ in file)
with open(os.environ["TARS_OUTPUT"], "w", encoding="utf-8") as file:
    file.write(f"{count}\n")
