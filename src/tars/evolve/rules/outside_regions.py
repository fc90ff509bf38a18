"""E0101: only what the version before declares may change: parameters, slots and regions, within their declarations."""

from collections.abc import Iterator

from tars.evolve.operator import SOURCES
from tars.evolve.rule import Change, Rule
from tars.evolve.sources.source import skeleton


class OutsideRegions:
    code = "E0101"
    languages = SOURCES

    def check(self, change: Change) -> Iterator[str]:
        before, after = skeleton(change.before), skeleton(change.after)
        if list(before) != list(after):
            yield "it has other files than the version before"
        elif before != after:
            file = next(file for file in before if before[file] != after[file])
            where = f" in `{file}`" if file else ""
            yield f"text outside of the declared parameters, slots and regions differs{where}"


PLUGIN: Rule = OutsideRegions()
