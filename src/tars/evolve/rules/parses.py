"""E0102: a source has to be one of its language."""

from collections.abc import Iterator

from tars.evolve.languages import fault_in
from tars.evolve.operator import SOURCES
from tars.evolve.rule import Change, Rule


class Parses:
    code = "E0102"
    languages = SOURCES

    def check(self, change: Change) -> Iterator[str]:
        fault = fault_in(change.after, change.language)
        if fault:
            yield f"it is no {change.language}: {fault}"


PLUGIN: Rule = Parses()
