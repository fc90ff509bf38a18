"""Nothing here may change: what is far stays far."""

from math import dist


def far(one, other):
    return dist(one, other)
