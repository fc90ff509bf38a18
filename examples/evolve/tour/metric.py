"""How long the tour is, beside what the best tours through so many random cities come to on average (0.7124 √(n a))."""

from math import dist, sqrt
from random import Random

ENTRY = "find"
DIRECTION = "minimize"
CITIES = 40


def cases(seed):
    draw = Random(seed)
    return [[[draw.random(), draw.random()] for _ in range(CITIES)] for _ in range(6)]


def score(case, answer):
    if sorted(answer) != list(range(len(case))):
        raise ValueError("a tour visits each city once")
    length = sum(dist(case[answer[place - 1]], case[answer[place]]) for place in range(len(answer)))
    return length / (0.7124 * sqrt(len(case)))
