"""E0204: no breaking schema change: a module that stays keeps what it writes, its schema and its types."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tars.evolve.metascripts.graph import attribute_of, blocks_of
from tars.evolve.rule import Change, Rule
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block

WRITTEN: Final = ("output", "output_schema", "input_type", "output_type")


class Schema:
    code = "E0204"
    languages = ("tars",)

    def check(self, change: Change) -> Iterator[str]:
        if _count(change.after, "_module") < _count(change.before, "_module") and not _count(change.before, "output"):
            yield "a module would be gone, and no `output` block says what the results are"
        if change.old is None or change.new is None or change.old.metascript is None or change.new.metascript is None:
            yield from _written(change)
            return
        new = {module.address: module for module in change.new.metascript.modules}
        for old in change.old.metascript.modules:
            now = new.get(old.address)
            if now is None:
                continue
            for name in ("outputs", *WRITTEN[1:]):
                if getattr(old, name) != getattr(now, name):
                    yield f"`{name}` of {old.address} would change"


def _written(change: Change) -> Iterator[str]:
    """As it is written, where one of them has errors and so no meaning; what an error lies in may change."""
    listed = list(blocks_of(parse(change.before)))
    often = Counter(address for address, _ in listed)
    new = dict(blocks_of(parse(change.after)))
    wrong = [one.span.start for one in (change.old.diagnostics if change.old else ()) if one.span is not None]
    for address, block in listed:
        if often[address] > 1 or address not in new or not block.type.endswith("_module"):
            continue
        for name in WRITTEN:
            held, now = attribute_of(block, name), attribute_of(new[address], name)
            if held is None or any(held.start <= place < held.end for place in wrong):
                continue
            if now is None or _value(change.before, held) != _value(change.after, now):
                yield f"`{name}` of {address} would change"


def _value(text: str, held: Attribute) -> str:
    return " ".join(text[held.value.start : held.value.end].split())


def _count(text: str, ending: str) -> int:
    return sum(isinstance(one, Block) and one.type.endswith(ending) for one in parse(text).body.items)


PLUGIN: Rule = Schema()
