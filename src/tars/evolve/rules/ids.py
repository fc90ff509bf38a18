"""E0203: no duplicate and no orphan ids: a change makes no more of such findings than there were."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tars.evolve.rule import Change, Rule
from tars.lang.values import Loaded

CODES: Final = {"T0036": "a name twice", "T0044": "a reference to nothing", "T0045": "a cycle", 
                "T0054": "an output twice", "T0067": "a belief that is not there"}  # fmt: skip


class Ids:
    code = "E0203"
    languages = ("tars",)

    def check(self, change: Change) -> Iterator[str]:
        old, new = _counts(change.old), _counts(change.new)
        # What cannot be read to its end hides its other findings: then there is nothing to compare with.
        if change.old is not None and any(one.code < "T0031" for one in change.old.diagnostics):
            return
        for code, what in CODES.items():
            if new[code] > old[code]:
                yield f"it would have {what} ({code})"


def _counts(loaded: Loaded | None) -> "Counter[str]":
    return Counter(one.code for one in loaded.diagnostics) if loaded is not None else Counter()


PLUGIN: Rule = Ids()
