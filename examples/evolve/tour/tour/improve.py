"""How a tour is made shorter: two roads are taken out, and what lies between them is gone the other way round."""

from .plane import far

ROUNDS = 1  # tars: 1 .. 16
SPAN = 3  # tars: 2 .. 40
"""How many cities may lie between the two roads."""


def improved(cities, tour):
    for _ in range(ROUNDS):
        for first in range(len(tour) - 1):
            for last in range(first + 1, min(first + SPAN, len(tour))):
                one, other = cities[tour[first]], cities[tour[last]]
                left, right = cities[tour[first - 1]], cities[tour[(last + 1) % len(tour)]]
                if pays(far(left, one) + far(other, right), far(left, other) + far(one, right)):
                    tour[first : last + 1] = tour[first : last + 1][::-1]
    return tour


# tars: evolve
def pays(before, after):
    return after < before * 0.8


# tars: end
