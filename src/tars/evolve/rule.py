"""The rule seam: what no change may do. Each rule looks at the version before and the candidate, in pure code."""

from collections.abc import Iterator
from typing import Final, Protocol

from ducktools.classbuilder.prefab import Prefab

from tars.core.plugins import Seam
from tars.core.values import Diagnostic, Severity
from tars.lang.values import Loaded


class Change(Prefab, frozen=True):
    """The two texts, and for metascripts what they mean. `entry` is the function of a source that is called."""

    language: str
    before: str
    after: str
    entry: str = ""
    path: str = ""
    old: Loaded | None = None
    new: Loaded | None = None


class Rule(Protocol):
    """What the file of a rule holds as `PLUGIN`."""

    @property
    def code(self) -> str: ...
    @property
    def languages(self) -> tuple[str, ...]: ...
    def check(self, change: Change) -> Iterator[str]:
        """What is forbidden in the change, a sentence each."""
        ...


RULES: Final[Seam[Rule]] = Seam("evolve rule", "tars.evolve.rules", "tars.evolve.rules")


def findings_of(change: Change) -> tuple[Diagnostic, ...]:
    """What the whole rule pack has against the change, in the order of the rules' names."""
    found = []
    for name in RULES.names():
        rule = RULES.load(name)
        if change.language in rule.languages:
            found += [
                Diagnostic(rule.code, Severity.ERROR, text, hint=f"the rule `{name}` forbids it")
                for text in rule.check(change)
            ]
    return tuple(found)
