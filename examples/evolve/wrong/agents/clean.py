"""Leaves empty lines out."""

import os

with open(os.environ["TARS_INPUT"], encoding="utf-8") as file:
    lines = [line for line in file if line.strip()]
with open(os.environ["TARS_OUTPUT"], "w", encoding="utf-8") as file:
    file.writelines(lines)
