"""E0204: no breaking schema change: a module that stays keeps what it writes, its schema and its types."""

from collections.abc import Iterator

from tars.evolve.rule import Change, Rule
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Block


class Schema:
    code = "E0204"
    languages = ("tars",)

    def check(self, change: Change) -> Iterator[str]:
        if _count(change.after, "_module") < _count(change.before, "_module") and not _count(change.before, "output"):
            yield "a module would be gone, and no `output` block says what the results are"
        if change.old is None or change.new is None or change.old.metascript is None or change.new.metascript is None:
            return
        new = {module.address: module for module in change.new.metascript.modules}
        for old in change.old.metascript.modules:
            now = new.get(old.address)
            if now is None:
                continue
            for name in ("outputs", "output_schema", "input_type", "output_type"):
                if getattr(old, name) != getattr(now, name):
                    yield f"`{name}` of {old.address} would change"


def _count(text: str, ending: str) -> int:
    return sum(isinstance(one, Block) and one.type.endswith(ending) for one in parse(text).body.items)


PLUGIN: Rule = Schema()
