"""Puts what was counted together."""

import json
import os

found = {}
for path in json.loads(os.environ["TARS_INPUTS"]):
    with open(path, encoding="utf-8") as file:
        found.update(json.load(file))
with open(os.environ["TARS_OUTPUT"], "w", encoding="utf-8") as file:
    json.dump(found, file, sort_keys=True)
