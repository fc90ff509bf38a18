"""Looks for the lowest point of a hilly function of two numbers."""

import math
import random

METHOD = "random"  # tars: "random" | "climb" | "anneal"
TRIES = 300  # tars: 50 .. 4000 log
STARTS = 1  # tars: 1 .. 20
STEP = 1.0  # tars: 0.01 .. 3.0 log
COOLING = 0.9  # tars: 0.5 .. 0.999


def height(x: float, y: float) -> float:
    return math.sin(x) * math.cos(y) + math.sin(x * y) + (x * x + y * y) / 20


def search(seed: int) -> list[float]:
    """The lowest point that was found, and its height."""
    draw = random.Random(seed)
    best = (0.0, 0.0, height(0.0, 0.0))
    for _ in range(STARTS):
        found = walk(draw)
        best = min(best, found, key=lambda point: point[2])
    return list(best)


# tars: evolve
def walk(draw):
    x, y = draw.uniform(-5, 5), draw.uniform(-5, 5)
    best = now = (x, y, height(x, y))
    step, heat = STEP, 1.0
    for _ in range(max(1, TRIES // STARTS)):
        if METHOD == "random":
            x, y = draw.uniform(-5, 5), draw.uniform(-5, 5)
        else:
            x, y = now[0] + draw.gauss(0, step), now[1] + draw.gauss(0, step)
        new = (x, y, height(x, y))
        warm = METHOD == "anneal" and draw.random() < math.exp(min(0.0, (now[2] - new[2]) / heat))
        if new[2] < now[2] or warm:
            now, step = new, min(step / COOLING**4, 3.0)
        else:
            step, heat = max(step * COOLING, 1e-6), max(heat * COOLING, 1e-6)
        if now[2] < best[2]:
            best = now
    return best


# tars: end
