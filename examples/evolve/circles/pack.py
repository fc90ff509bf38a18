"""Packs 26 circles into the unit square so that their radii add up to as much as possible.

Each call goes on from the packing in `START`: a few circles are taken out, moved or shaken, and SLSQP finds the nearest
optimum. What it found, it hands on in its answer.
"""

import numpy as np
from scipy.optimize import minimize

N = 26
SEED = 1  # tars: 1 .. 1000000
ROUNDS = 24  # tars: 12 .. 40
MOVE = "any"  # tars: "any" | "replace" | "shake" | "cluster"
SIZE = 0.06  # tars: 0.01 .. 0.3 log
MANY = 2  # tars: 1 .. 6
FRESH = 0.1  # tars: 0.0 .. 0.6
START = None  # tars: slot

FIRST, SECOND = np.triu_indices(N, 1)


def pack():
    """The best packing that was found, as `[x, y, radius]` for each circle."""
    draw = np.random.default_rng(SEED)
    best = now = None if START is None else np.array(START).T.ravel()
    for _ in range(ROUNDS):
        alone = now is None or draw.random() < FRESH
        point = polished(*(fresh(draw) if alone else moved(now, draw)))
        if point is not None and (now is None or alone or total(point) > total(now) - 1e-9):
            now = point
        if point is not None and (best is None or total(point) > total(best)):
            best = point
        if best is not None and total(best) > total(now) + 0.02:
            now = best
    return {"START": best.reshape(3, N).T.tolist()}


def total(point):
    return point[2 * N :].sum()


def fresh(draw):
    return draw.random((2, N)), np.full(N, 0.02)


# tars: evolve
def moved(point, draw):
    where, radius = point[: 2 * N].reshape(2, N).copy(), point[2 * N :].copy()
    kind = MOVE if MOVE != "any" else ("replace", "shake", "cluster")[draw.integers(3)]
    if kind == "replace":
        some = draw.choice(N, MANY, replace=False)
        where[:, some], radius[some] = draw.random((2, MANY)), 0.01
    elif kind == "shake":
        where += draw.normal(0, SIZE / 2, where.shape)
        radius *= 0.7
    else:
        near = np.argsort(np.hypot(*(where - draw.random((2, 1)))))[: MANY + 3]
        where[:, near] += draw.normal(0, SIZE * 1.5, (2, len(near)))
        radius[near] *= 0.3
    return where.clip(0.01, 0.99), radius


# tars: end


def polished(where, radius):
    """The nearest local optimum, made strictly valid; None where none was found."""
    for _ in range(4):
        point = optimum(where, radius)
        where, radius = point[: 2 * N].reshape(2, N), point[2 * N :]
        room = np.minimum(where, 1 - where).min(axis=0)
        valid = np.minimum(radius, room)
        apart = np.hypot(*(where[:, FIRST] - where[:, SECOND]))
        over = (valid[FIRST] + valid[SECOND] - apart).max()
        valid = valid - max(over, 0) / 2 - 1e-14
        if (valid > 0).all() and over < 1e-6:
            return np.concatenate([where.ravel(), valid])
        where, radius = where.clip(0.01, 0.99), radius.clip(0.01, 0.2) * 0.9
    return None


def optimum(where, radius):
    apart = np.hypot(*(where[:, FIRST] - where[:, SECOND]))
    close = apart - radius[FIRST] - radius[SECOND] < 0.25
    i, j = FIRST[close], SECOND[close]
    row, n = np.arange(len(i)), np.arange(N)
    walls = np.zeros((4 * N, 3 * N))
    for side, (axis, sign) in enumerate(((0, 1), (1, 1), (0, -1), (1, -1))):
        walls[side * N + n, axis * N + n] = sign
        walls[side * N + n, 2 * N + n] = -1
    bound = np.repeat([0.0, 1.0], 2 * N)
    slopes = np.vstack([np.zeros((len(i), 3 * N)), walls])
    slopes[row, 2 * N + i] = slopes[row, 2 * N + j] = -1

    def gaps(point):
        x, y = point[i] - point[j], point[N + i] - point[N + j]
        return np.concatenate([np.hypot(x, y) - point[2 * N + i] - point[2 * N + j], walls @ point + bound])

    def slope(point):
        x, y = point[i] - point[j], point[N + i] - point[N + j]
        away = np.maximum(np.hypot(x, y), 1e-12)
        slopes[row, i], slopes[row, j] = x / away, -x / away
        slopes[row, N + i], slopes[row, N + j] = y / away, -y / away
        return slopes

    goal = np.concatenate([np.zeros(2 * N), -np.ones(N)])
    found = minimize(
        lambda point: goal @ point, np.concatenate([where.ravel(), radius]), jac=lambda point: goal, method="SLSQP",
        constraints=[{"type": "ineq", "fun": gaps, "jac": slope}], bounds=[(0, 1)] * 2 * N + [(0, 0.5)] * N,
        options={"maxiter": 100, "ftol": 1e-10},
    )  # fmt: skip
    return found.x
