"""Keeps the lines that are numbers, and says how many were not."""

import tars_client as tars

lines = tars.input_text().splitlines()
numbers = []
for number, line in enumerate(lines, 1):
    try:
        numbers.append(float(line))
    except ValueError:
        tars.log(f"line {number} is no number: {line!r}")
    tars.progress(number / len(lines))
tars.metric("kept", len(numbers))
tars.output(numbers)
