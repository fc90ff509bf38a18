"""How far the integrals of x to the powers from 0 to 7 are off, as a distance. Gauss's rule has none."""

from math import dist

DIRECTION = "minimize"
ENTRY = "integrate"


def cases(seed):
    return [list(range(8))]


def score(case, answer):
    return dist(answer, [1 / (power + 1) for power in case])
