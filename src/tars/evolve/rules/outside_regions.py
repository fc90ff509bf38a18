"""E0101: only what the version before declares may change: parameters, slots and regions, within their declarations."""

from collections.abc import Iterator

from tars.evolve.operator import SOURCES
from tars.evolve.rule import Change, Rule
from tars.evolve.source import skeleton


class OutsideRegions:
    code = "E0101"
    languages = SOURCES

    def check(self, change: Change) -> Iterator[str]:
        if skeleton(change.after) != skeleton(change.before):
            yield "text outside of the declared parameters, slots and regions differs"


PLUGIN: Rule = OutsideRegions()
