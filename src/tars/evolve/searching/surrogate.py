"""A model of how good parameters are, from the few points that were tried, and where it is worth trying next.

A Gaussian process with a Matérn kernel over the scores, in which the worse half counts little, so that neither the
scale of a metric nor a few bad points matter; its lengths and its noise are those under which the points are likeliest.
The next point is the one of many drawn ones that is expected to improve on the best most. All is drawn from a seed.

C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, 2006, algorithm 2.1; D. R. Jones et al.,
Efficient Global Optimization of Expensive Black-Box Functions, 1998.
"""

from collections.abc import Sequence
from math import erfc, pi, sqrt
from typing import Any, Final

ANYWHERE, NEARBY = 200, 400
"""So many points are drawn over the whole space, and near the best ones."""
ELITE: Final = 5
LENGTHS: Final = (0.15, 0.3, 0.6, 1.0)
NOISES: Final = (1e-6, 1e-4, 1e-2)
SHAPED_AGAIN: Final = 1.25
"""Lengths and noise are looked for anew when there are so many times as many points."""
LENGTH_MIN, LENGTH_MAX = 0.08, 4.0
CHOICE: Final = 0.7
"""How far two choices are apart, where the ends of a range are 1 apart."""


class Surrogate:
    """Learns the points of one space. `choices` tells for each dimension the number of its choices, or 0 where it is a
    place from 0 to 1; the place of a choice is its number."""

    def __init__(self, choices: Sequence[int]) -> None:
        self.choices = tuple(choices)
        self._shape: tuple[Any, float] | None = None
        self._shaped_at = 0

    def suggested(self, points: Sequence[Sequence[float]], scores: Sequence[float], seed: int) -> list[float]:
        """The point that is worth trying next, where larger scores are better. At least two points must be known."""
        import numpy as np  # heavy, and only for parameters  # noqa: PLC0415

        random = np.random.default_rng(seed)
        known = self._coded(np.array(points))
        aims = _aims(np.array(scores))
        if self._shape is None or len(points) >= SHAPED_AGAIN * self._shaped_at:
            fit = _fitted(known, aims)
            self._shape, self._shaped_at = (fit.lengths, fit.noise), len(points)
        fit = _Fit(known, aims, *self._shape)
        best = np.array([points[each] for each in np.argsort(-np.array(scores), kind="stable")[:ELITE]])
        drawn = np.concatenate([self._anywhere(random), self._near(best, random)])
        gain = _expected_gain(fit, known, self._coded(drawn), float(aims.max()))
        found: list[float] = drawn[int(np.argmax(gain))].tolist()
        return found

    def _coded(self, points: Any) -> Any:
        """The points as numbers whose distances mean something."""
        import numpy as np  # see above  # noqa: PLC0415

        columns: list[Any] = []
        for dimension, count in enumerate(self.choices):
            column = points[:, dimension]
            columns += [CHOICE * (column == each) for each in range(count)] if count else [column]
        return np.stack(columns, axis=1)

    def _anywhere(self, random: Any, count: int = ANYWHERE) -> Any:
        import numpy as np  # see above  # noqa: PLC0415

        found = [random.integers(each, size=count) if each else random.random(count) for each in self.choices]
        return np.stack(found, axis=1).astype(float)

    def _near(self, best: Any, random: Any) -> Any:
        """Points near the best ones, some of whose places differ a little, how little being drawn too."""
        import numpy as np  # see above  # noqa: PLC0415

        base = best[np.minimum(len(best) - 1, random.exponential(size=NEARBY).astype(int))]
        spread = 10 ** random.uniform(-2.3, -0.5, size=(NEARBY, 1))
        moved = np.clip(base + random.normal(size=base.shape) * spread, 0, 1)
        chosen = self._anywhere(random, NEARBY)
        is_choice = np.array([count > 0 for count in self.choices])
        chance = np.where(is_choice, 0.15, 0.5)
        return np.where(random.random(base.shape) < chance, np.where(is_choice, chosen, moved), base)


class _Fit:
    """The process under one choice of lengths and noise, and how likely it makes the points."""

    def __init__(self, known: Any, aims: Any, lengths: Any, noise: float) -> None:
        import numpy as np  # see above  # noqa: PLC0415

        self.lengths, self.noise = lengths, noise
        self.root = np.linalg.cholesky(_kernel(known, known, lengths) + noise * np.eye(len(known)))
        self.weights = np.linalg.solve(self.root.T, np.linalg.solve(self.root, aims))
        unlikely = 0.15 * ((np.log(lengths) - np.log(0.5)) ** 2).sum()
        self.likelihood = float(-0.5 * aims @ self.weights - np.log(np.diag(self.root)).sum() - unlikely)


def _fitted(known: Any, aims: Any) -> _Fit:
    import numpy as np  # see above  # noqa: PLC0415

    count = known.shape[1]
    fits = (_Fit(known, aims, np.full(count, length), noise) for length in LENGTHS for noise in NOISES)
    best = max(fits, key=lambda one: one.likelihood)
    for dimension in range(count):
        for factor in (0.5, 2.0, 4.0):
            lengths = best.lengths.copy()
            lengths[dimension] = min(LENGTH_MAX, max(LENGTH_MIN, lengths[dimension] * factor))
            best = max(best, _Fit(known, aims, lengths, best.noise), key=lambda one: one.likelihood)
    return best


def _aims(scores: Any) -> Any:
    """The scores on one scale: 0 is the middle one, 2 the best, and -2 the least that is told apart."""
    import numpy as np  # see above  # noqa: PLC0415

    middle = np.median(scores)
    return 2 * np.clip((scores - middle) / max(1e-12, scores.max() - middle), -1, None)


def _kernel(some: Any, others: Any, lengths: Any) -> Any:
    """Matérn 5/2."""
    import numpy as np  # see above  # noqa: PLC0415

    apart = np.sqrt(5 * (((some[:, None] - others[None]) / lengths) ** 2).sum(-1))
    return (1 + apart + apart**2 / 3) * np.exp(-apart)


def _expected_gain(fit: _Fit, known: Any, drawn: Any, best: float) -> Any:
    import numpy as np  # see above  # noqa: PLC0415

    between = _kernel(drawn, known, fit.lengths)
    explained = np.linalg.solve(fit.root, between.T)
    spread = np.sqrt(np.maximum(1e-9, 1 - (explained**2).sum(0)))
    above = (between @ fit.weights - best) / spread
    below = np.array([erfc(-one / sqrt(2)) / 2 for one in above.tolist()])
    return spread * (above * below + np.exp(-(above**2) / 2) / sqrt(2 * pi))
