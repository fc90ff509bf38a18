"""E0202: no wider permissions than before: a module keeps its network, files and limits, or gets less, and its sandbox,
or gets one that is as strict and works on this machine."""

from collections.abc import Iterator

from tars.evolve.metascripts.graph import blocks_of, chain_in
from tars.evolve.metascripts.strictness import as_strict
from tars.evolve.rule import Change, Rule
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block
from tars.lang.values import Loaded

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
            if old.get(place) == value or value == "false":
                continue
            if place.endswith(".sandbox"):
                address = place.rpartition(".")[0]
                after = chain_in(dict(blocks_of(parse(change.after))).get(address))
                before = _chain(change.before, change.old, address)
                if before is not None and after and as_strict(before, after):
                    continue
            yield f"`{place}` would be {value[:60]}, which is not what the version before grants"


def _chain(text: str, loaded: Loaded | None, address: str) -> tuple[str, ...] | None:
    """The chain that counts for the module: its own, else that of the settings, which an included file may hold. None
    where it cannot be told, and then nothing is as strict."""
    meant = loaded.metascript if loaded is not None else None
    if meant is not None:
        named = next((module.sandbox for module in meant.modules if module.address == address), ())
        return named or meant.settings.sandbox
    known = dict(blocks_of(parse(text)))
    own = chain_in(known.get(address))
    return chain_in(known.get("settings")) if own == () else own


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
