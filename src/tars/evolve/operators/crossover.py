"""Takes some of the parameters and regions of another good candidate over into the parent."""

from tars.evolve.operator import SOURCES, Plain, Producer, Situation
from tars.evolve.patch import Patch
from tars.evolve.sources.source import difference


def propose(situation: Situation) -> Patch | None:
    others = [one for one in situation.others if one.number != situation.parent.number]
    if not others:
        return None
    ops = difference(situation.parent.text, situation.random.choice(others).text)
    if len(ops) < 2:
        return None
    return Patch(tuple(situation.random.sample(ops, situation.random.randint(1, len(ops) - 1))))


PLUGIN: Producer = Plain(SOURCES, propose)
