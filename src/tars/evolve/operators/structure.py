"""Changes the graph of a metascript: drops an order that no data asks for, caches, merges equals, drops the unused,
splits work on several inputs in two, swaps a runtime for another one of its language, and a sandbox for one as strict.

Runtimes and sandboxes are such as this machine has. What is better is measured, and not known here.
"""

from collections.abc import Iterator
from typing import Final

from tars.evolve.metascripts.graph import attribute_of, blocks_of, chain_in, references_in
from tars.evolve.metascripts.strictness import as_strict, runtimes, taken
from tars.evolve.operator import Plain, Producer, Situation
from tars.evolve.patch import Op, Patch, op
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block, File, Literal, Tuple

SAME: Final = ("source", "entry_point", "input", "args", "env", "runtime")
"""What makes two modules do the same work."""
SEVERAL_RUNTIMES: Final = frozenset({"javascript_module", "typescript_module"})
WASM: Final = frozenset({"wasm_module", "use_wasm_module"})


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
    return [
        *_orders(file), *_caches(file), *_equals(file), *_unused(file), *_runtimes(file), *_sandboxes(file),
        *_halves(file),
    ]  # fmt: skip


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
        if block.type in SEVERAL_RUNTIMES:
            for other in runtimes():
                if other != (_text(block, "runtime") or "node"):
                    yield op("set-attribute", node=address, attribute="runtime", value=other)


def _sandboxes(file: File) -> Iterator[Op]:
    """One that starts faster, never one that promises less. Only what names no sandbox that has to be looked up."""
    shared = chain_in(dict(blocks_of(file)).get("settings"))
    for address, block in _modules(file):
        chain = chain_in(block)
        chain = shared if chain == () else chain
        if chain is None:
            continue
        is_wasm = block.type in WASM or _text(block, "target") == "wasm"
        for other in ("wasm", "process") if is_wasm else ("process",):
            if other != taken(chain) and as_strict(chain, (other,)):
                yield op("set-attribute", node=address, attribute="sandbox", value=other)


def _halves(file: File) -> Iterator[Op]:
    """Work on several inputs in two halves beside one another, where whoever takes the result takes a list of them."""
    if not _says_results(file):
        return
    names = {address for address, _ in blocks_of(file)}
    for address, block in _modules(file):
        held, output = attribute_of(block, "input"), _text(block, "output")
        listed = held.value.items if held is not None and isinstance(held.value, Tuple) else ()
        users = references_in(file, f"{address}.output")
        in_lists = all(file.text[:start].rstrip().endswith(("[", ",")) for start, _ in users)
        name = f"{block.labels[0].text}_2"
        if len(listed) > 1 and output and users and in_lists and f"{block.type}.{name}" not in names:
            taken_over = [file.text[one.start : one.end] for one in listed[(len(listed) + 1) // 2 :]]
            stem, dot, ending = output.rpartition(".")
            other = f"{stem}_2.{ending}" if dot and "/" not in ending else f"{output}_2"
            yield op("split-node", node=address, name=name, inputs=[*taken_over], output=other)


def _text(block: Block, name: str) -> str:
    """The text of an attribute; empty where it is none."""
    held = attribute_of(block, name)
    return held.value.value if held and isinstance(held.value, Literal) and isinstance(held.value.value, str) else ""


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
