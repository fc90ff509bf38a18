"""Scores a search as OpenEvolve's function_minimization does: at most 1.5, for the right place found every time."""

import math

DIRECTION = "maximize"
ENTRY = "search"
LOWEST = (-1.70408284, 0.67750781, -1.518685840848579)
RUNS = 10


def cases(seed):
    return [seed * 1000 + run for run in range(RUNS)]


def score(case, answer):
    x, y, said = (float(number) for number in answer)
    value = math.sin(x) * math.cos(y) + math.sin(x * y) + (x * x + y * y) / 20
    if abs(value - said) > 1e-9:
        raise ValueError("the height that it claims is not that of its point")
    away = math.dist((x, y), LOWEST[:2])
    base = 0.5 / (1 + abs(value - LOWEST[2])) + 0.3 / (1 + away) + 0.2
    return base * (1.5 if away < 0.5 else 1.2 if away < 1.5 else 1.0 if away < 3 else 0.7)
