"""Makes the calls of one test vector: `python driver.py`, with CALLS and RESULTS naming files (see ../vectors)."""

import json
import os

import tars_client as tars


def argument(given):
    if isinstance(given, list):
        return [argument(each) for each in given]
    if not isinstance(given, dict):
        return given
    if "$number" in given:
        return float(given["$number"])
    if "$repeat" in given:
        return given["$repeat"][0] * given["$repeat"][1]
    if given.get("$half") == "log":
        return "a\ud800b\ud83d\ude00"
    if "$half" in given:
        return {"a\udfff": ["\udc00b", "\ud800\ud800", "\ud83d\ude00"]}
    return {name: argument(each) for name, each in given.items()}


def call(name, given):
    if name in ("belief", "reflection") and isinstance(given[-1], dict):
        return getattr(tars, name)(*given[:-1], **given[-1])
    return getattr(tars, name)(*given)


results = []
with open(os.environ["CALLS"], encoding="utf-8") as file:
    calls = json.load(file)
for each in calls:
    try:
        results.append({"value": call(each["call"], argument(each["args"]))})
    except (ValueError, OSError) as error:
        results.append({"refused": str(error)})
with open(os.environ["RESULTS"], "w", encoding="utf-8") as file:
    json.dump(results, file)
