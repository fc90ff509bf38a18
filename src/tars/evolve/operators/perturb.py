"""Changes a few declared parameters of the parent: steps of random size, choices among the others, data handed on."""

from math import exp, log
from random import Random
from typing import Any, Final

from tars.core.values import Json
from tars.evolve.operator import SOURCES, Plain, Producer, Situation
from tars.evolve.patch import Op, Patch
from tars.evolve.sources.declarations import Parameter
from tars.evolve.sources.source import declared_in, filled, set_to

STEPS: Final = (0.03, 0.1, 0.3, 1.0)
"""How far a step goes, as a share of the range; which of them is drawn."""


def propose(situation: Situation) -> Patch | None:
    declared = declared_in(situation.parent.text)
    ops = handed_on(situation)
    names = list(declared.parameters)
    if names:
        draw = situation.random
        count = min(len(names), 1 + int(draw.expovariate(1.0)))
        ops += [stepped(declared.parameters[name], draw) for name in draw.sample(names, count)]
    return Patch(tuple(ops)) if ops else None


def handed_on(situation: Situation) -> list[Op]:
    """The parent's own answer, put into its slots."""
    slots = declared_in(situation.parent.text).slots.values()
    carry = situation.parent.figures.carry
    return [filled(slot, carry[slot.name]) for slot in slots if slot.name in carry]


def stepped(parameter: Parameter, draw: Random) -> Op:
    if parameter.choices:
        others = [each for each in parameter.choices if each != parameter.value]
        return set_to(parameter, draw.choice(others))
    place = to_unit(parameter, parameter.value) + draw.gauss(0, draw.choice(STEPS))
    value = from_unit(parameter, place % 2 if place % 2 <= 1 else 2 - place % 2)
    if parameter.whole and value == parameter.value:
        value = max(int(parameter.low), min(int(parameter.high), int(parameter.value) + draw.choice((-1, 1))))
    return set_to(parameter, value)


def to_unit(parameter: Parameter, value: Any) -> float:
    """Where the value lies in its range, from 0 to 1."""
    if parameter.log:
        return (log(value) - log(parameter.low)) / (log(parameter.high) - log(parameter.low))
    return float((value - parameter.low) / (parameter.high - parameter.low))


def from_unit(parameter: Parameter, place: float) -> Json:
    """The value at that place of the range; the inverse of `to_unit`, rounded where it is whole."""
    place = min(1.0, max(0.0, place))
    if parameter.log:
        value = exp(log(parameter.low) + place * (log(parameter.high) - log(parameter.low)))
    else:
        value = parameter.low + place * (parameter.high - parameter.low)
    value = min(parameter.high, max(parameter.low, value))
    return round(value) if parameter.whole else float(f"{value:.6g}") if _inside(parameter, value) else value


def _inside(parameter: Parameter, value: float) -> bool:
    return parameter.low <= float(f"{value:.6g}") <= parameter.high


PLUGIN: Producer = Plain(SOURCES, propose)
