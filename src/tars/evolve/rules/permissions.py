"""E0202: no wider permissions than before: a module keeps its sandbox, network, files and limits, or gets less."""

from collections.abc import Iterator

from tars.evolve.graph import blocks_of
from tars.evolve.rule import Change, Rule
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block

STRICTEST = ("sandbox", '"process"')
"""May always be asked for."""
FIELDS = frozenset({"sandbox", "network", "files", "read", "write", "gpu", "memory", "cpu", "environment", "env"})


class Permissions:
    code = "E0202"
    languages = ("tars",)

    def check(self, change: Change) -> Iterator[str]:
        """What grants something may not come, and may not differ, unless it grants less. It may go, but for a sandbox,
        without which the metascript's own chain counts."""
        old, new = _granted(change.before), _granted(change.after)
        for place in old:
            block = place.rpartition(".")[0]
            if place.endswith(".sandbox") and place not in new and block in dict(blocks_of(parse(change.after))):
                yield f"`{place}` would be gone"
        for place, value in new.items():
            if old.get(place) != value and value != "false" and (place.rpartition(".")[2], value) != STRICTEST:
                yield f"`{place}` would be {value[:60]}, which is not what the version before grants"


def _granted(text: str) -> dict[str, str]:
    found: dict[str, str] = {}

    def within(block: Block, prefix: str) -> None:
        name = ".".join((block.type, *(label.text for label in block.labels)))
        for item in block.body.items:
            if isinstance(item, Block):
                within(item, f"{prefix}{name}.")
            elif item.name in FIELDS:
                found[f"{prefix}{name}.{item.name}"] = " ".join(text[item.value.start : item.value.end].split())

    for item in parse(text).body.items:
        if not isinstance(item, Attribute):
            within(item, "")
    return found


PLUGIN: Rule = Permissions()
