"""Packs 26 circles into the unit square so that their radii add up to as much as possible.

Each call goes on from the packing in `START`, or begins anew: a few circles are moved, and an interior-point method
finds the best packing nearby. What it found, it hands on in its answer.
"""

import numpy as np

N = 26
SEED = 1  # tars: 1 .. 1000000
ROUNDS = 10  # tars: 10 .. 60
SIZE = 0.06  # tars: 0.01 .. 0.3 log
MANY = 1  # tars: 1 .. 6
SHAKEN = 0.5  # tars: 0.0 .. 1.0
FRESH = 0.1  # tars: 0.0 .. 0.6
START = None  # tars: slot

FIRST, SECOND = np.triu_indices(N, 1)
PAIRS = len(FIRST)
SAFETY = 1e-13


def pack():
    """The best packing that was found, as `[x, y, radius]` for each circle."""
    draw = np.random.default_rng(SEED)
    alone = START is None or draw.random() < FRESH
    now = optimum(draw.random((2, N)) if alone else np.array(START).T[:2])
    for _ in range(ROUNDS):
        new = optimum(moved(now[:2], draw).clip(0.01, 0.99))
        if new[2].sum() > now[2].sum():
            now = new
    return {"START": now.T.tolist()}


# tars: evolve
def moved(where, draw):
    where = where.copy()
    if draw.random() < SHAKEN:
        near = np.argsort(np.hypot(*(where - draw.random((2, 1)))))[: MANY + 3]
        where[:, near] += draw.normal(0, SIZE, (2, len(near)))
    else:
        some = draw.choice(N, MANY, replace=False)
        where[:, some] = draw.random((2, MANY))
    return where


# tars: end


def optimum(where):
    """The best packing near these centres, as rows x, y and radius; strictly valid.

    A primal-dual interior-point method on the linearised constraints, which are drawn anew at each step. A distance is
    convex, so no step that the linear constraints allow ever leaves the true ones.
    """
    point = np.concatenate([where.ravel(), 0.9 * room(where)])
    slopes = np.vstack([np.zeros((PAIRS, 3 * N)), WALLS])
    slopes[ROW, 2 * N + FIRST] = slopes[ROW, 2 * N + SECOND] = -1
    prices = None
    for _ in range(80):
        x, y = point[FIRST] - point[SECOND], point[N + FIRST] - point[N + SECOND]
        apart = np.hypot(x, y)
        slopes[ROW, FIRST], slopes[ROW, SECOND] = x / apart, -x / apart
        slopes[ROW, N + FIRST], slopes[ROW, N + SECOND] = y / apart, -y / apart
        gaps = np.concatenate([apart - point[2 * N + FIRST] - point[2 * N + SECOND], WALLS @ point + BOUNDS])
        prices = np.minimum(0.01 / gaps, 10) if prices is None else prices
        if prices @ gaps < 1e-11:
            break
        aim = 0.15 * (prices @ gaps) / len(gaps)
        matrix = slopes.T @ ((prices / gaps)[:, None] * slopes) + 1e-9 * np.eye(3 * N)
        step = np.linalg.solve(matrix, slopes.T @ (aim / gaps) + GOAL)
        wider = slopes @ step
        dearer = (aim - prices * (gaps + wider)) / gaps
        point = point + step * within(-wider / gaps)
        prices = prices + dearer * within(-dearer / prices)
    packing = point.reshape(3, N)
    packing[2] -= SAFETY
    return packing


def within(shares):
    """How much of a step may be taken so that nothing is used up."""
    return min(1.0, 0.98 / max(shares.max(), 1e-9))


def room(where):
    """A radius for each circle, so that none overlaps and none leaves the square."""
    apart = np.hypot(*(where[:, :, None] - where[:, None])) + 9 * np.eye(N)
    return np.minimum(apart.min(axis=0) / 2, np.minimum(where, 1 - where).min(axis=0))


def walls():
    """That a circle stays in the square, as linear constraints."""
    found, each = np.zeros((4 * N, 3 * N)), np.arange(N)
    for side, (axis, sign) in enumerate(((0, 1), (1, 1), (0, -1), (1, -1))):
        found[side * N + each, axis * N + each] = sign
        found[side * N + each, 2 * N + each] = -1
    return found


ROW = np.arange(PAIRS)
WALLS = walls()
BOUNDS = np.repeat([0.0, 1.0], 2 * N)
GOAL = np.repeat([0.0, 0.0, 1.0], N)
