"""What is improved: a Python file of the user's that scores answers. It is read once, before anything is evolved.

    DIRECTION = "maximize"                 # or "minimize", which is the default
    def cases(seed): return [[seed, 100]]  # what the candidate is called with; else None, and no chance
    def score(case, answer): ...           # a number, or a mapping with "score" and other figures
    def score(case, answer, seconds): ...  # the same, where the time that a call took matters
    def regressions(): return [[case, answer], ...]  # what every version must still answer
    KEEP = ["nodes", "accuracy:maximize=0.02"]  # other figures that may not become worse by 5 %, or by so much

It runs in a jail of its own, never in the candidate's process: a candidate hands back data, and nothing else.
"""

import ast
import json
from pathlib import Path
from typing import Any, Final, Literal, get_args

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.evolve.jail.values import Answered, Jail, Job
from tars.evolve.values import Figures

Direction = Literal["minimize", "maximize"]
FAULTS_SHOWN: Final = 300
SCORE_SECONDS: Final = 30.0
SCORE_CHARACTERS_SHOWN: Final = 60


class Metric(Prefab, frozen=True):
    """A metric as it was when it was read. `exact` says that no chance is at play: one measurement settles it."""

    path: Path
    source: str
    function: str
    direction: Direction
    seeded: bool
    timed: bool
    entry: str = ""
    keep: tuple[str, ...] = ()
    regressive: bool = False
    """Whether it names answers that must stay (`regressions.py`)."""

    @property
    def exact(self) -> bool:
        return not self.seeded and not self.timed

    @property
    def sign(self) -> int:
        """What makes larger better."""
        return 1 if self.direction == "maximize" else -1


def read_metric(given: str, direction: str = "") -> Metric:
    """The metric that `FILE.py` or `FILE.py:FUNCTION` names. Raises `UsageError` where it is none."""
    name, _, function = given.partition(".py:")
    path = Path(f"{name}.py" if function else given)
    function = function or "score"
    try:
        source = path.read_text("utf-8")
        tree = ast.parse(source)
    except FileNotFoundError as error:
        raise UsageError(f"there is no metric `{path}`", hint="a Python file with `def score(case, answer)`") from error
    except (OSError, ValueError, SyntaxError, RecursionError) as error:
        raise UsageError(f"the metric `{path}` cannot be read: {error}", hint="it is a Python file") from error
    functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
    if function not in functions:
        known = ", ".join(functions) or "none"
        raise UsageError(
            f"`{path}` defines no function `{function}` (it has {known})", hint="add `def score(case, answer)`"
        )
    takes = len(functions[function].args.args)
    if takes not in (2, 3):
        raise UsageError(
            f"`{function}` in `{path}` takes {takes} arguments", hint="(case, answer) or (case, answer, seconds)"
        )
    chosen = direction or _constant(tree, "DIRECTION") or "minimize"
    if chosen not in get_args(Direction):
        raise UsageError(f"the direction is `minimize` or `maximize`, not `{chosen}`")
    entry = _constant(tree, "ENTRY")
    kept = _listed(tree, "KEEP")
    seeded, regressive = "cases" in functions, "regressions" in functions
    return Metric(path, source, function, _direction(chosen), seeded, takes == 3, entry, kept, regressive)


def cases_of(metric: Metric, jail: Jail, seed: int) -> list[Any]:
    """What candidates are called with for this seed. Raises `UsageError` where the metric's own `cases` fails."""
    if not metric.seeded:
        return [None]
    found = jail.run(Job(metric.source, "cases", [[seed]], seed, SCORE_SECONDS))
    if found.fault or not isinstance(found.answers[0], list) or not found.answers[0]:
        said = found.text or found.fault or "it returned no list of cases"
        raise UsageError(
            f"`cases` of `{metric.path}` failed: {said[:FAULTS_SHOWN]}", hint="call it with that seed yourself"
        )
    return list(found.answers[0])


def figures_of(metric: Metric, jail: Jail, cases: list[Any], answered: Answered, *, fresh: bool = False) -> Figures:
    """The score of the answers: the mean over the cases. A score that is no finite number is a fault. With `fresh` the
    metric is loaded anew, and so knows nothing of what it scored before."""
    if answered.fault:
        return Figures(fault=answered.fault, text=answered.text, seconds=answered.seconds)
    each = answered.seconds / max(1, len(cases))
    calls = [
        [case, answer, each] if metric.timed else [case, answer]
        for case, answer in zip(cases, answered.answers, strict=True)
    ]
    job = Job(metric.source, metric.function, calls, 0, SCORE_SECONDS, answer_bytes_max=1 << 22, stays=not fresh)
    scored = jail.run(job)
    if scored.fault:
        return _unscored(metric, f"failed: {scored.text or scored.fault}", answered)
    samples: list[float] = []
    others: dict[str, float] = {}
    for one in scored.answers:
        number = _finite(one.get("score") if isinstance(one, dict) else one)
        if number is None:
            said = json.dumps(one)[:SCORE_CHARACTERS_SHOWN]
            return _unscored(metric, f"returned {said}, where a score that is a finite number is due", answered)
        samples.append(metric.sign * number)
        if isinstance(one, dict):
            for name, value in one.items():
                found = _finite(value)
                if found is not None and name != "score":
                    others[str(name)] = others.get(str(name), 0.0) + found / len(cases)
    mean = _finite(sum(samples) / len(samples))
    if mean is None:
        return _unscored(metric, "returned scores whose sum is beyond all bounds", answered)
    return Figures(mean, answered.seconds, samples=tuple(samples), others=others)


def joined(one: Figures, other: Figures) -> Figures:
    """What was measured on two sets of cases as if it were one; what failed on either fails."""
    if one.fault or other.fault:
        return one if one.fault else other
    samples = (*one.samples, *other.samples)
    share = len(other.samples) / len(samples)
    others = {name: value + share * (other.others.get(name, value) - value) for name, value in one.others.items()}
    return Figures(
        sum(samples) / len(samples), one.seconds + other.seconds, samples=samples, others=others, carry=other.carry
    )


def _unscored(metric: Metric, said: str, answered: Answered) -> Figures:
    """Who hands back what the metric gives no score has failed."""
    text = f"`{metric.function}` of `{metric.path.name}` {said}"
    return Figures(fault="refused", text=text, seconds=answered.seconds)


def _finite(value: object) -> float | None:
    """The number as it is computed with; None for what is none, is not finite, or is too large for that."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if number - number == 0 else None


def _constant(tree: ast.Module, name: str) -> str:
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
            continue
        if any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
            return str(node.value.value)
    return ""


def _listed(tree: ast.Module, name: str) -> tuple[str, ...]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets):
            listed = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else ()
            return tuple(str(one.value) for one in listed if isinstance(one, ast.Constant))
    return ()


def _direction(chosen: str) -> Direction:
    return "maximize" if chosen == "maximize" else "minimize"
