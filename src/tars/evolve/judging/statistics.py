"""Whether one candidate is better than another: paired samples, an exact sign-flip test, and a stated effect size.

The test looks at three sizes of sample and stops early at a clear answer. Each look spends a third of the error that is
allowed, so that over all three a change without effect is accepted in at most `ERROR` of the cases (Bonferroni).
Fisher's randomisation test: R. A. Fisher, The Design of Experiments, 1935, chapter 3.
"""

import random
from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Final, Literal

from ducktools.classbuilder.prefab import Prefab

LOOKS: Final = (10, 20, 40)
"""After so many pairs the test is made."""
ERROR: Final = 0.01
EFFECT: Final = 0.01
"""The smallest gain that counts, as a share of the parent's own score."""
FLIPS: Final = 4096
WORSE: Final = 0.05
"""No other figure may become worse by more than this share."""


class Judgement(Prefab, frozen=True):
    """What the pairs say. `effect` is the mean gain as a share of the mean of the version before, by size."""

    answer: Literal["better", "not better", "go on"]
    effect: float
    chance: float
    pairs: int

    def say(self) -> str:
        if self.answer == "go on":
            return f"{self.pairs} pairs do not decide it"
        if self.chance == 0.0:
            return f"{self.answer}: {self.effect:+.2%}, and no chance is at play"
        return (
            f"{self.answer}: {self.effect:+.2%} over {self.pairs} pairs, "
            f"which chance alone gives with probability {self.chance:.4f}"
        )


def judge(
    before: Sequence[float], after: Sequence[float], *, effect_min: float = EFFECT, exact: bool = False, seed: int = 0
) -> Judgement:
    """Whether `after` is better than `before`, pair by pair; larger is better.

    With `exact` the figures hold no chance, and the mean alone decides. Otherwise it is better where at one of the
    looks the sign-flip test refuses the hypothesis that the pairs differ by chance alone, at a third of `ERROR`, and
    the mean gain is at least `effect_min`; it is not better where even a gain of `effect_min` can be refused, or
    the last look has passed. Anything that is not a finite number makes it not better.
    """
    gains = [new - old for old, new in zip(before, after, strict=True)]
    count = len(gains)
    scale = abs(sum(before) / count) if count else 0.0
    mean = sum(gains) / count if count else 0.0
    effect = mean / scale if scale else float(mean > 0) or float(-(mean < 0))
    if any(not _finite(each) for each in gains):
        return Judgement("not better", 0.0, 1.0, count)
    if exact:
        return Judgement("better" if mean > 0 and effect >= effect_min else "not better", effect, 0.0, count)
    if count < LOOKS[0]:
        return Judgement("go on", effect, 1.0, count)
    chance = flipped_chance(gains, seed)
    if chance <= ERROR / len(LOOKS) and effect >= effect_min:
        return Judgement("better", effect, chance, count)
    wanted = [each - effect_min * scale for each in gains]
    if count >= LOOKS[-1] or flipped_chance([-each for each in wanted], seed) <= ERROR / len(LOOKS):
        return Judgement("not better", effect, chance, count)
    return Judgement("go on", effect, chance, count)


def flipped_chance(gains: Sequence[float], seed: int) -> float:
    """The share of all ways to flip the signs of the gains whose sum is at least theirs: over all of them where they
    are few, else over a sample, counting the one at hand, so that it is never too small."""
    total = sum(gains)
    slack = 1e-12 * sum(abs(each) for each in gains)
    if total <= 0:
        return 1.0
    if 2 ** len(gains) <= FLIPS:
        sums = _all_sums(gains)
        return sum(each >= total - slack for each in sums) / float(2 ** len(gains))
    draw = random.Random(seed)
    reached = sum(_flipped(gains, draw) >= total - slack for _ in range(FLIPS))
    return (reached + 1) / (FLIPS + 1)


def became_worse(before: Sequence[float], after: Sequence[float], *, share: float = WORSE) -> bool:
    """Whether a figure of which less is better may have become worse by more than `share`: the upper end of a one-sided
    95 % interval of the mean ratio lies above it, and the mean itself has grown by a third of it."""
    if sum(before) <= 0 < sum(after):
        return True
    ratios = [new / old for old, new in zip(before, after, strict=True) if old > 0]
    if not ratios:
        return False
    mean = sum(ratios) / len(ratios)
    spread = sqrt(sum((each - mean) ** 2 for each in ratios) / max(1, len(ratios) - 1) / len(ratios))
    return mean > 1 + share / 3 and mean + 1.645 * spread > 1 + share


def _all_sums(gains: Sequence[float]) -> Iterator[float]:
    sums = [0.0]
    for each in gains:
        sums = [*(one + each for one in sums), *(one - each for one in sums)]
    return iter(sums)


def _flipped(gains: Sequence[float], draw: random.Random) -> float:
    bits = draw.getrandbits(len(gains))
    return sum(each if bits >> place & 1 else -each for place, each in enumerate(gains))


def _finite(value: float) -> bool:
    return value - value == 0
