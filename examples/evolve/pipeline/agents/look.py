"""Counts one thing in a text; waits a little, as a slow service would."""

import json
import os
import sys
import time

with open(os.environ["TARS_INPUT"], encoding="utf-8") as file:
    text = file.read()
time.sleep(0.5)
counts = {"letters": sum(map(str.isalpha, text)), "words": len(text.split()), "lines": len(text.splitlines())}
with open(os.environ["TARS_OUTPUT"], "w", encoding="utf-8") as file:
    json.dump({sys.argv[1]: counts[sys.argv[1]]}, file)
