"""What an evaluation amounts to: figures for each fixer, by class, code, half and group, and how far to trust them."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence

from ducktools.classbuilder.prefab import Prefab

from tars.core.values import Json, as_dict
from tars.rust.evaluation.judging import TARS, Judged, Result

WHOLE = (0.0, 1.01)
BINS = ((0.0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 1.01))


class Figures(Prefab, frozen=True):
    """Of one fixer on some cases. Of the `fixed`, which build, `tested` could be judged by tests and `passed` them;
    `exact` are the known mend, of `exact_of` that there is one for. `right` are fixed, less those that fail tests.

    Seconds and probes are those of all cases, lines, anchors and how sure the fixer was (0 to 1 on average; None where
    it does not say) those of accepted mends.
    """

    cases: int
    fixed: int
    right: int
    tested: int
    passed: int
    exact: int
    exact_of: int
    lines_median: float
    probes_median: float
    seconds_median: float
    seconds_p95: float
    anchors: int
    anchors_resolved: int
    confidence_mean: float | None = None

    @property
    def fix_rate(self) -> float:
        return self.right / self.cases if self.cases else 0.0

    @property
    def false_rate(self) -> float:
        """The share that builds and fails its tests of what tests can judge."""
        return (self.tested - self.passed) / self.tested if self.tested else 0.0

    def to_json(self) -> dict[str, Json]:
        return {**as_dict(self), "fix_rate": round(self.fix_rate, 4), "false_rate": round(self.false_rate, 4)}


class Bin(Prefab, frozen=True):
    """Accepted mends whose confidence lies in `[low, high)`: how sure the engineer was, and how many were right."""

    low: float
    high: float
    cases: int
    confidence_mean: float
    right: int
    exact: int
    exact_of: int


def figures_of(results: Iterable[Result]) -> Figures:
    """The figures of some results of one fixer."""
    found = list(results)
    fixed = [one for one in found if one.built]
    tested = [one for one in fixed if one.tests is not None]
    known = [one for one in fixed if one.exact is not None]
    seconds = sorted(one.seconds for one in found)
    sure = [one.confidence for one in fixed if one.confidence is not None]
    return Figures(
        cases=len(found),
        fixed=len(fixed),
        right=sum(one.right for one in found),
        tested=len(tested),
        passed=sum(bool(one.tests) for one in tested),
        exact=sum(bool(one.exact) for one in known),
        exact_of=len(known),
        lines_median=statistics.median([one.lines for one in fixed] or [0]),
        probes_median=statistics.median([one.probes for one in found] or [0]),
        seconds_median=round(statistics.median(seconds or [0.0]), 3),
        seconds_p95=round(_quantile(seconds, 0.95), 3),
        anchors=sum(one.anchors for one in fixed),
        anchors_resolved=sum(one.resolved for one in fixed),
        confidence_mean=round(statistics.mean(sure), 3) if sure else None,
    )


def figures_by(judged: Sequence[Judged], fixer: str, key: Callable[[Judged], str]) -> dict[str, Figures]:
    """The figures of a fixer for each value of `key`, the most frequent first."""
    groups: dict[str, list[Result]] = {}
    for one in judged:
        result = one.of(fixer)
        if result is not None:
            groups.setdefault(key(one), []).append(result)
    ordered = sorted(groups, key=lambda name: (-len(groups[name]), name))
    return {name: figures_of(groups[name]) for name in ordered}


def calibration(judged: Sequence[Judged]) -> tuple[Bin, ...]:
    """How sure the engineer was of its accepted mends, and how many of them were right: where tests can tell they
    pass, else they build, which every accepted mend does. How many are the known mend is the sterner measure."""
    results = _of(judged, TARS)
    return tuple(one for low, high in BINS if (one := _bin(results, low, high)) is not None)


def calibration_by(judged: Sequence[Judged], key: Callable[[Judged], str]) -> dict[str, Bin]:
    """As `calibration`, with one bin for each value of `key` that has accepted mends, the most frequent first."""
    groups: dict[str, list[Result]] = {}
    for one in judged:
        groups.setdefault(key(one), []).extend(_of([one], TARS))
    bins = {name: _bin(results, *WHOLE) for name, results in groups.items()}
    found = {name: one for name, one in bins.items() if one is not None}
    return dict(sorted(found.items(), key=lambda item: (-item[1].cases, item[0])))


def _bin(results: Sequence[Result], low: float, high: float) -> Bin | None:
    """The accepted mends whose confidence lies there; None where there are none."""
    inside = [one for one in results if one.confidence is not None and low <= one.confidence < high]
    if not inside:
        return None
    sure = statistics.mean(one.confidence or 0.0 for one in inside)
    known = [one for one in inside if one.exact is not None]
    right, exact = sum(one.right for one in inside), sum(bool(one.exact) for one in known)
    return Bin(low, min(high, 1.0), len(inside), round(sure, 3), right, exact, len(known))


def report(judged: Sequence[Judged]) -> dict[str, Json]:
    """Everything, as JSON: the figures of each fixer, of all and by class, code, half and group, the calibration, and
    the cases that the engineer did not mend, with what it was left with."""
    fixers = list(dict.fromkeys(result.fixer for one in judged for result in one.results))
    keys: dict[str, Callable[[Judged], str]] = {
        "by_class": lambda one: one.kind or "none",
        "by_code": lambda one: one.code or "none",
        "by_half": lambda one: one.half,
        "by_group": lambda one: one.group,
    }
    if any(one.mutation for one in judged):
        keys["by_mutation"] = lambda one: one.mutation
    said: dict[str, Json] = {}
    for fixer in fixers:
        all_of_it: dict[str, Json] = {"all": figures_of(_of(judged, fixer)).to_json()}
        for name, key in keys.items():
            all_of_it[name] = {value: one.to_json() for value, one in figures_by(judged, fixer, key).items()}
        said[fixer] = all_of_it
    return {
        "cases": len(judged),
        "fixers": said,
        "calibration": [as_dict(one) for one in calibration(judged)],
        "calibration_by_class": {
            name: as_dict(one) for name, one in calibration_by(judged, lambda one: one.kind or "none").items()
        },
        "failures": failures(judged),
    }


def failures(judged: Sequence[Judged]) -> list[Json]:
    """The cases that the engineer did not mend rightly, in the order of their names."""
    found: list[Json] = []
    for one in sorted(judged, key=lambda one: (one.group, one.name)):
        result = one.of(TARS)
        if result is None or result.right:
            continue
        why = "its tests fail" if result.built else result.detail
        found.append(
            {
                "case": one.name, "group": one.group, "half": one.half, "class": one.kind, "code": one.code,
                "message": one.message, "why": why, "left": list(result.left), "seconds": round(result.seconds, 3),
                "producers": list(result.producers),
            }
        )  # fmt: skip
    return found


def table(judged: Sequence[Judged], key: Callable[[Judged], str] = lambda one: one.kind or "none") -> list[str]:
    """The figures for people: a row of Markdown for each value of `key`, all fixers beside each other, and the sum."""
    fixers = list(dict.fromkeys(result.fixer for one in judged for result in one.results))
    rows = [
        "| | n | " + " | ".join(f"{fixer} | exact" for fixer in fixers) + " |",
        "|---" * (2 + 2 * len(fixers)) + "|",
    ]
    by = {fixer: figures_by(judged, fixer, key) for fixer in fixers}
    for name in by[fixers[0]] if fixers else ():
        rows.append(_row(name, [by[fixer][name] for fixer in fixers]))
    if fixers:
        rows.append(_row("**all**", [figures_of(_of(judged, fixer)) for fixer in fixers]))
    return rows


def _row(name: str, found: Sequence[Figures]) -> str:
    cells = [f"{one.right} ({one.fix_rate:.0%}) | {one.exact}" for one in found]
    return f"| {name} | {found[0].cases} | {' | '.join(cells)} |"


def _of(judged: Sequence[Judged], fixer: str) -> list[Result]:
    return [result for one in judged if (result := one.of(fixer)) is not None]


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The least value that so large a share does not exceed."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0
