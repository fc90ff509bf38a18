"""What a version must still answer: pairs of a case and its answer that the metric's file names.

def regressions(): return [[[3, 1, 2], [1, 2, 3]], [[], []]]
"""

import json
from collections.abc import Sequence
from math import isclose
from typing import Any, Final

from tars.core.errors import UsageError
from tars.evolve.jail.values import Jail, Job
from tars.evolve.judging.metric import SCORE_SECONDS, Metric

NUMBERS_WITHIN: Final = 1e-9
"""Numbers may differ by this share."""
SHOWN: Final = 80


def regressions_of(metric: Metric, jail: Jail) -> list[tuple[Any, Any]]:
    """The pairs; none where the metric has no `regressions`. Raises `UsageError` where it fails or returns none."""
    if not metric.regressive:
        return []
    found = jail.run(Job(metric.source, "regressions", [[]], 0, SCORE_SECONDS, answer_bytes_max=1 << 22))
    pairs = found.answers[0] if not found.fault else None
    if not isinstance(pairs, list) or not pairs or any(not isinstance(one, list) or len(one) != 2 for one in pairs):
        said = found.text or found.fault or "it returned no list of `[case, answer]`"
        raise UsageError(f"`regressions` of `{metric.path}` failed: {said}", hint="return [[case, answer], …]")
    return [(case, answer) for case, answer in pairs]


def regression(pairs: Sequence[tuple[Any, Any]], answers: Sequence[Any]) -> str:
    """The first answer that is another one than it must be, in words; empty where there is none."""
    for (case, due), answer in zip(pairs, answers, strict=True):
        if not _alike(due, answer):
            return f"for {_shown(case)} it answers {_shown(answer)}, where {_shown(due)} is due"
    return ""


def _alike(due: Any, answer: Any) -> bool:
    if isinstance(due, bool) or isinstance(answer, bool):
        return due is answer
    if isinstance(due, int | float) and isinstance(answer, int | float):
        return due == answer or isclose(due, answer, rel_tol=NUMBERS_WITHIN)
    if isinstance(due, list) and isinstance(answer, list):
        return len(due) == len(answer) and all(map(_alike, due, answer))
    if isinstance(due, dict) and isinstance(answer, dict):
        return due.keys() == answer.keys() and all(_alike(value, answer[name]) for name, value in due.items())
    return bool(due == answer)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
