"""Reads the fitted parabola off at one year, and reflects on how far that can be trusted."""

import json
import os


def forecast(fit: dict[str, object]) -> dict[str, float]:
    year = int(os.environ["FORECAST_YEAR"])
    since = year - fit["origin_year"]
    value = sum(c * since**power for power, c in enumerate(fit["coefficients"]))
    reflection = {
        "about": "forecast",
        "confidence": 0.7,
        "summary": f"{year} lies outside the readings: a trend, no more",
    }
    with open(os.environ["TARS_EVENTS"], "a", encoding="utf-8") as events:
        events.write(json.dumps({"reflection": reflection}) + "\n")
    return {"year": year, "parts_per_million": round(value)}
