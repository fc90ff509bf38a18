"""E0201: what an evolution is judged by cannot be changed by it: `evolve`, `settings`, variables, pins and includes."""

from collections.abc import Iterator

from tars.evolve.rule import Change, Rule
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block

KEPT = frozenset({"evolve", "settings", "variable", "include", "output", "deploy", "closure"})


class Gates:
    code = "E0201"
    languages = ("tars",)

    def check(self, change: Change) -> Iterator[str]:
        if _kept(change.before) != _kept(change.after):
            yield f"a pin or a block that judges differs ({', '.join(sorted(KEPT))})"


def _kept(text: str) -> list[str]:
    """Without blanks, in the order of the text."""
    file = parse(text)
    return [
        "".join(text[one.start : one.end].split())
        for one in file.body.items
        if isinstance(one, Attribute) or (isinstance(one, Block) and one.type in KEPT)
    ]


PLUGIN: Rule = Gates()
