"""Changes the graph of a metascript: drops an order that no data asks for, caches, merges equals, drops the unused,
swaps a runtime for another one of its language."""

from collections.abc import Iterator
from typing import Final

from tars.evolve.graph import attribute_of, blocks_of, references_in
from tars.evolve.operator import Plain, Producer, Situation
from tars.evolve.patch import Op, Patch, op
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block, File, Literal, Tuple

SAME: Final = ("source", "entry_point", "input", "args", "env", "runtime")
"""What makes two modules do the same work."""
RUNTIMES: Final = dict.fromkeys(("javascript_module", "typescript_module"), ("node", "deno", "bun"))
"""One that this machine lacks fails its first run, as any other change that does not work."""


def propose(situation: Situation) -> Patch | None:
    found = changes(situation.parent.text)
    if not found:
        return None
    draw = situation.random
    return Patch(tuple(draw.sample(found, min(len(found), 1 + int(draw.expovariate(0.7))))))


def changes(text: str) -> list[Op]:
    """Every change of its graph that may be tried, alone; none where it does not parse."""
    file = parse(text)
    if file.diagnostics:
        return []
    return [*_orders(file), *_caches(file), *_equals(file), *_unused(file), *_runtimes(file)]


def _modules(file: File) -> Iterator[tuple[str, Block]]:
    return ((address, block) for address, block in blocks_of(file) if block.type.endswith("_module") and block.labels)


def _orders(file: File) -> Iterator[Op]:
    """Parallelise: an edge of `depends_on` alone."""
    for address, block in _modules(file):
        held = attribute_of(block, "depends_on")
        if held is not None and isinstance(held.value, Tuple):
            for item in held.value.items:
                yield op("remove-edge", node=address, needs=file.text[item.start : item.end])


def _caches(file: File) -> Iterator[Op]:
    for address, block in _modules(file):
        held = attribute_of(block, "cache")
        if held is not None and isinstance(held.value, Literal) and held.value.value is False:
            yield op("set-attribute", node=address, attribute="cache", value=True)


def _runtimes(file: File) -> Iterator[Op]:
    for address, block in _modules(file):
        held = attribute_of(block, "runtime")
        now = held.value.value if held is not None and isinstance(held.value, Literal) else ""
        for other in RUNTIMES.get(block.type, ()):
            if other != now:
                yield op("set-attribute", node=address, attribute="runtime", value=other)


def _equals(file: File) -> Iterator[Op]:
    """Two modules that do the same: the users of the later one take what the earlier one makes."""
    if not _says_results(file):
        return
    seen: dict[tuple[str, ...], str] = {}
    for address, block in _modules(file):
        work = tuple(
            " ".join(file.text[one.value.start : one.value.end].split()) if (one := attribute_of(block, name)) else ""
            for name in SAME
        )
        first = seen.setdefault((block.type, *work), address)
        if first != address:
            yield op("merge-nodes", node=address, into=first)


def _unused(file: File) -> Iterator[Op]:
    """Only where the metascript says what its results are: else every last module is one."""
    if not _says_results(file):
        return
    for address, block in _modules(file):
        inside = [place for place in references_in(file, address) if block.start <= place[0] < block.end]
        if len(references_in(file, address)) == len(inside) and not _is_evolved(file, block):
            yield op("delete-node", node=address)


def _says_results(file: File) -> bool:
    """Where no `output` block says what the results are, every file that is written is one."""
    return any(block.type == "output" for _, block in blocks_of(file))


def _is_evolved(file: File, block: Block) -> bool:
    return any(
        other.type == "evolve" and other.labels and other.labels[0].text == block.labels[0].text
        for other in file.body.items
        if not isinstance(other, Attribute)
    )


PLUGIN: Producer = Plain(("tars",), propose)
