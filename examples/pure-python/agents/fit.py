"""Fits a parabola through the readings, by least squares, and says what it came to believe."""

import json
import os
import sys

ORIGIN_YEAR = 1960


def fit(readings: list[dict[str, float]]) -> dict[str, object]:
    years = [reading["year"] - ORIGIN_YEAR for reading in readings]
    values = [reading["parts_per_million"] for reading in readings]
    coefficients = solve(
        [[sum(year ** (row + column) for year in years) for column in range(3)] for row in range(3)],
        [sum(value * year**row for year, value in zip(years, values, strict=True)) for row in range(3)],
    )
    errors = [value - at(coefficients, year) for year, value in zip(years, values, strict=True)]
    error = (sum(e * e for e in errors) / len(errors)) ** 0.5
    tell({"metric": {"root_mean_square_error": round(error, 3)}})
    tell({"belief": {
        "statement": "Carbon dioxide rises faster every year",
        "confidence": 0.95 if coefficients[2] > 0 and error < 2 else 0.3,
        "evidence": [f"a parabola fits {len(years)} readings to within {error:.1f} parts per million"],
    }})  # fmt: skip
    print(f"error {error:.2f} parts per million", file=sys.stderr)
    return {"origin_year": ORIGIN_YEAR, "coefficients": [round(c, 6) for c in coefficients]}


def at(coefficients: list[float], year: float) -> float:
    return sum(c * year**power for power, c in enumerate(coefficients))


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination; the matrix is small and well behaved."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i, pivot in enumerate(rows):
        for j, row in enumerate(rows):
            if i != j:
                rows[j] = [a - row[i] / pivot[i] * b for a, b in zip(row, pivot, strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def tell(event: dict[str, object]) -> None:
    """One line of JSON in the file that TARS_EVENTS names: it becomes part of the run's record."""
    with open(os.environ["TARS_EVENTS"], "a", encoding="utf-8") as events:
        events.write(json.dumps(event) + "\n")
