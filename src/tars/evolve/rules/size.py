"""E0103: size is bounded: a version is at most twice as long as the one before, and a little; so is each file of it."""

from collections.abc import Iterator
from typing import Final

from tars.evolve.operator import SOURCES
from tars.evolve.rule import Change, Rule
from tars.evolve.sources.files import ALONE, files_in

SPARE_CHARACTERS: Final = 8000


class Size:
    code = "E0103"
    languages = (*SOURCES, "tars")

    def check(self, change: Change) -> Iterator[str]:
        most = _most(change.before)
        if len(change.after) > most:
            yield f"it has {len(change.after)} characters, and at most {most} are allowed"
        before = files_in(change.before)
        for file, text in files_in(change.after).items():
            if file != ALONE and len(text) > (most := _most(before.get(file, ""))):
                yield f"`{file}` has {len(text)} characters, and at most {most} are allowed"


def _most(text: str) -> int:
    return 2 * len(text) + SPARE_CHARACTERS


PLUGIN: Rule = Size()
