"""E0103: size is bounded: a version is at most twice as long as the one before, and a little."""

from collections.abc import Iterator
from typing import Final

from tars.evolve.operator import SOURCES
from tars.evolve.rule import Change, Rule

SPARE_CHARACTERS: Final = 8000


class Size:
    code = "E0103"
    languages = (*SOURCES, "tars")

    def check(self, change: Change) -> Iterator[str]:
        most = 2 * len(change.before) + SPARE_CHARACTERS
        if len(change.after) > most:
            yield f"it has {len(change.after)} characters, and at most {most} are allowed"


PLUGIN: Rule = Size()
