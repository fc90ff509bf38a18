"""The planner: from symptoms to an ordered plan of allowed changes, by rules and, where one is configured, by a model.

A plan steers, and decides nothing: its steps go through the same rules, jails and gates as every other change. What a
model may do is put them in another order.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from tars.core.errors import TarsError
from tars.core.values import Diagnostic, Json
from tars.evolve.fenced import fenced
from tars.evolve.operators.mend import mends
from tars.evolve.operators.structure import changes
from tars.evolve.patch import Op, read_patch
from tars.evolve.values import Plan, Step, Symptom

Ask = Callable[[str, dict[str, Any], int], str]
STEPS_MAX: Final = 24
UNKNOWN: Final = 0.05
"""What a change is taken to gain of which no figure speaks."""
MEND: Final = 1.0
PRODUCER: Final = "planned"
"""The operator that tries what is planned."""
_SCHEMA: Final[dict[str, Any]] = {
    "type": "object", "required": ["order"],
    "properties": {"order": {"type": "array", "items": {"type": "integer"}}, "reason": {"type": "string"}},
}  # fmt: skip


def plan_of_metascript(
    text: str, findings: Sequence[Diagnostic], symptoms: Sequence[Symptom], *, mending: bool
) -> Plan:
    """Every change that the structure and the findings of the metascript allow, the most promising first: `mending`
    where findings are the metric, else time is."""
    scores = {(one.code, one.node): one.score for one in symptoms}
    steps = [
        Step(PRODUCER, f"{found.code}: {found.message}", MEND if mending else UNKNOWN, (made,))
        for found, made in mends(text, findings)
    ]
    for made in changes(text):
        score, why = _gain(made, scores)
        steps.append(Step(PRODUCER, why, UNKNOWN / 10 if mending else score, (made,)))
    steps.sort(key=lambda one: -one.score)
    return Plan(tuple(steps[:STEPS_MAX]))


def ordered_by_model(plan: Plan, symptoms: Sequence[Symptom], ask: Ask, seed: int) -> tuple[Plan, str]:
    """The plan as a model would have it, and what was wrong with its answer: then the plan is that of the rules. Steps
    that it leaves out come last; it can add none."""
    if len(plan.steps) < 2:
        return plan, ""
    try:
        answer = json.loads(ask(_prompt(plan, symptoms), _SCHEMA, seed))
        order = [int(one) - 1 for one in answer["order"]]
    except (TarsError, ValueError, TypeError, LookupError) as error:
        return plan, str(error)
    known = [one for one in dict.fromkeys(order) if 0 <= one < len(plan.steps)]
    if not known:
        return plan, "the model named no step of the plan"
    rest = [one for one in range(len(plan.steps)) if one not in known]
    said = f"{len(order) - len(known)} of the steps that the model named are not of the plan, or came twice"
    return Plan(tuple(plan.steps[one] for one in (*known, *rest)), "model"), said if len(known) < len(order) else ""


def told(plan: Plan, symptoms: Sequence[Symptom]) -> dict[str, Json]:
    """As the journal keeps them, and `--json` tells them."""
    return {
        "by": plan.by,
        "plan": [
            {
                "producer": one.producer,
                "why": one.why,
                "score": round(one.score, 4),
                "ops": [op.to_json() for op in one.ops],
            }
            for one in plan.steps
        ],
        "symptoms": [
            {
                "code": one.code,
                "node": one.node,
                "text": one.text,
                "score": round(one.score, 4),
                "figures": {name: round(value, 6) for name, value in one.figures.items()},
            }
            for one in symptoms
        ],
    }


def read_plan(body: Mapping[str, Any]) -> Plan:
    """The inverse of `told`, for its plan."""
    return Plan(
        tuple(
            Step(
                str(one["producer"]), str(one["why"]), float(one["score"]),
                read_patch(one["ops"])[0].ops if one["ops"] else (),
            )
            for one in body["plan"]
        ),
        str(body["by"]),
    )  # fmt: skip


def _gain(made: Op, scores: Mapping[tuple[str, str], float]) -> tuple[float, str]:
    """What a change of the graph may gain, as a share of the time, and on what that rests."""

    def slow(name: str) -> float:
        return scores.get(("slow", str(made.arguments.get(name, ""))), 0.0)

    node = str(made.arguments.get("node", ""))
    if made.kind == "remove-edge":
        gain = min(slow("node"), slow("needs"))
        return (gain, "both take their time, and no data says that one waits") if gain else _unknown()
    if made.arguments.get("attribute") == "cache":
        again = scores.get(("uncached", node), 0.0)
        return (again, "it does the same work again and again") if again else _unknown()
    gain = slow("node")
    if made.arguments.get("attribute") == "runtime":
        return (gain / 4, "it takes its time") if gain else _unknown()
    return (gain, "what it takes is saved") if gain else _unknown()


def _unknown() -> tuple[float, str]:
    return UNKNOWN, "no run tells what it would gain"


def _prompt(plan: Plan, symptoms: Sequence[Symptom]) -> str:
    template = files("tars.evolve").joinpath("prompts/plan.tmpl").read_text("utf-8")
    steps = "\n".join(f"{number}. {one.say()}" for number, one in enumerate(plan.steps, 1))
    found = "\n".join(f"{one.score:.2f} {one.code} {one.node}: {one.text}" for one in symptoms) or "nothing"
    return template.replace("{{steps}}", fenced(steps)).replace("{{symptoms}}", fenced(found))
