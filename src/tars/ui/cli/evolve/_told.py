"""What a person is told while an evolution goes on: the analysis, the plan, what became better, and the gates."""

from collections.abc import Generator
from time import monotonic

from tars.episode.values import Step
from tars.evolve.evolution import Came, Planned
from tars.evolve.searching.search import Remark, Tried
from tars.ui.cli.console import Console
from tars.ui.cli.evolve._opened import own_score
from tars.ui.cli.printable import printable
from tars.ui.cli.times import plural

SHOWN_MAX = 6
QUIET_SECONDS = 5.0
"""So long at most nothing is said while candidates are measured in fresh jails."""


def follow(steps: Generator[Planned | Tried | Remark | Step, None, Came], sign: int, console: Console) -> Came:
    """Goes through the session to its end; `sign` turns inner scores into the metric's own."""
    best = -1
    measured, told = 0, monotonic()
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            came: Came = end.value
            return came
        if isinstance(step, Planned):
            _tell_plan(step, console)
        elif isinstance(step, Remark):
            console.warning(printable(step.text), step.hint)
        elif isinstance(step, Tried):
            if step.best.number != best:
                best = step.best.number
                who = f"{best} by {step.candidate.producer}" if best else "the version before"
                console.note(f"  {own_score(sign, step.best.score):12.6g}  {who}")
        elif step.probe is not None:
            measured += 1
            if monotonic() - told > QUIET_SECONDS:
                told = monotonic()
                console.note(f"    {plural(measured, 'measurement')} in fresh jails so far")
        elif step.state.value == "propose":
            measured, told = 0, monotonic()
            console.note(f"  {step.change} is put before the gates")
        elif step.state.value == "validate":
            console.note(f"    {printable(step.text)}")


def _tell_plan(planned: Planned, console: Console) -> None:
    """What the analysis found, and what is tried first because of it."""
    if planned.symptoms:
        console.note("  what is known of it:")
    for one in planned.symptoms[:SHOWN_MAX]:
        console.note(printable(f"    {one.score:.2f}  {one.code}: {one.node} {one.text}"))
    steps = planned.plan.steps
    if steps:
        console.note(f"  the plan of {'the model' if planned.plan.by == 'model' else 'the rules'}:")
    for number, step in enumerate(steps[:SHOWN_MAX], 1):
        console.note(printable(f"    {number}. {step.say()}"))
    if len(steps) > SHOWN_MAX:
        console.note(f"    and {len(steps) - SHOWN_MAX} more: `tarscli evolve log --all --json` has them")
