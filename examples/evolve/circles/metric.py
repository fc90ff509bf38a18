"""The sum of the radii of a packing that is valid without any tolerance; an invalid one is refused."""

import math

DIRECTION = "maximize"
ENTRY = "pack"
N = 26


def score(case, answer):
    circles = [tuple(map(float, circle)) for circle in answer["START"]]
    if len(circles) != N:
        raise ValueError(f"{len(circles)} circles instead of {N}")
    for place, (x, y, radius) in enumerate(circles):
        if not (radius > 0 and x - radius >= 0 and y - radius >= 0 and x + radius <= 1 and y + radius <= 1):
            raise ValueError("a circle leaves the square")
        for other_x, other_y, other in circles[:place]:
            if math.hypot(x - other_x, y - other_y) < radius + other:
                raise ValueError("two circles overlap")
    return sum(radius for _, _, radius in circles)
