"""Keeps the readings that are numbers."""

import sys


def clean(readings: list[dict[str, object]]) -> list[dict[str, float]]:
    kept = [
        {"year": reading["year"], "parts_per_million": float(reading["parts_per_million"])}
        for reading in readings
        if str(reading["parts_per_million"]).replace(".", "", 1).isdigit()
    ]
    print(f"{len(kept)} of {len(readings)} readings are numbers", file=sys.stderr)
    return kept
