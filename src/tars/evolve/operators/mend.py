"""Mends a wrong metascript: a recipe for each kind of finding, made into operations of the one patch language."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from tars.core.values import Diagnostic
from tars.evolve.metascripts.graph import attribute_of, blocks_of
from tars.evolve.operator import Plain, Producer, Situation
from tars.evolve.patch import Op, Patch, op
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block, File, Tuple

_MEANT: Final = re.compile(r'did you mean [`"]([^`"]+)[`"]')
SURE_OF_CONTRADICTED: Final = 0.4


def propose(situation: Situation) -> Patch | None:
    """Mends one to three findings, in an order that is drawn: several may have one cause."""
    found = [mend for _, mend in mends(situation.parent.text, situation.findings)]
    if not found:
        return None
    draw = situation.random
    return Patch(tuple(draw.sample(found, min(len(found), 1 + int(draw.random() < 0.4)))))


def mends(text: str, findings: Sequence[Diagnostic]) -> list[tuple[Diagnostic, Op]]:
    """Every finding with each operation that may mend it; where the text does not parse, only what may mend that."""
    file = parse(text)
    found = list(_mends_of_syntax(file))
    if not file.diagnostics:
        for finding in findings:
            recipe = _RECIPES.get(finding.code)
            if recipe is not None and finding.span is not None:
                found += ((finding, each) for each in recipe(file, finding))
    return found


def _mends_of_syntax(file: File) -> Iterator[tuple[Diagnostic, Op]]:
    counts: dict[str, int] = {}
    for one in file.diagnostics:
        if one.fix:
            yield one, op("mend", code=one.code, which=counts.get(one.code, 0))
            counts[one.code] = counts.get(one.code, 0) + 1


def _at(file: File, finding: Diagnostic) -> tuple[str, Block, Attribute | None]:
    """The innermost block at the finding, and the attribute there."""
    assert finding.span is not None
    place = finding.span.start
    address, block = max(
        ((address, block) for address, block in blocks_of(file) if block.start <= place < block.end),
        key=lambda pair: pair[1].start, default=("", None),
    )  # fmt: skip
    if block is None:
        return "", Block(0, 0, "", (), 0, file.body), None
    items = (one for one in block.body.items if isinstance(one, Attribute))
    return address, block, next((one for one in items if one.start <= place < one.end), None)


def _unknown_attribute(file: File, finding: Diagnostic) -> Iterator[Op]:
    address, _, held = _at(file, finding)
    if held is not None and address:
        meant = _MEANT.search(finding.hint)
        if meant:
            yield op("rename-attribute", node=address, attribute=held.name, name=meant[1])
            return
        yield op("remove-attribute", node=address, attribute=held.name)


def _unknown_name(file: File, finding: Diagnostic) -> Iterator[Op]:
    address, _, _ = _at(file, finding)
    meant = _MEANT.search(finding.hint)
    assert finding.span is not None
    asked = file.text[finding.span.start : finding.span.end]
    if address and meant:
        yield op("reroute-edge", node=address, needs=asked, instead=meant[1])


def _wrong_value(file: File, finding: Diagnostic) -> Iterator[Op]:
    address, _, held = _at(file, finding)
    meant = _MEANT.search(finding.hint)
    if address and held is not None:
        if meant:
            yield op("set-attribute", node=address, attribute=held.name, value=meant[1])
        else:
            yield op("remove-attribute", node=address, attribute=held.name)


def _twice(file: File, finding: Diagnostic) -> Iterator[Op]:
    address, block, _ = _at(file, finding)
    if not block.labels:
        return
    same = [each for known, each in blocks_of(file) if known == address]
    names = {known.rpartition(".")[2] for known, _ in blocks_of(file)}
    name = next(fresh for number in range(2, 100) if (fresh := f"{block.labels[0].text}_{number}") not in names)
    if block in same:
        yield op("rename-node", node=address, name=name, which=max(1, same.index(block)))


def _cycle(file: File, finding: Diagnostic) -> Iterator[Op]:
    """An order in the circle that no data asks for goes."""
    for address, block in blocks_of(file):
        held = attribute_of(block, "depends_on")
        if held is not None and isinstance(held.value, Tuple) and address in finding.message:
            for item in held.value.items:
                needs = file.text[item.start : item.end]
                if needs in finding.message:
                    yield op("remove-edge", node=address, needs=needs)


def _contradiction(file: File, finding: Diagnostic) -> Iterator[Op]:
    """The belief that is held less surely gives way."""
    address, block, _ = _at(file, finding)
    if block.type == "belief":
        yield op("set-attribute", node=address, attribute="confidence", value=SURE_OF_CONTRADICTED)
    for known, other in blocks_of(file):
        if (
            other.type == "belief"
            and other.labels
            and f"`{other.labels[0].text}`" in finding.message
            and known != address
        ):
            yield op("set-attribute", node=known, attribute="confidence", value=SURE_OF_CONTRADICTED)


_RECIPES: Final[Mapping[str, Callable[[File, Diagnostic], Iterator[Op]]]] = {
    "T0032": _unknown_attribute, "T0034": _wrong_value, "T0036": _twice, "T0037": _unknown_attribute,
    "T0039": _wrong_value, "T0041": _wrong_value, "T0042": _wrong_value, "T0043": _wrong_value, "T0044": _unknown_name,
    "T0045": _cycle, "T0050": _wrong_value, "T0053": _wrong_value, "T0058": _contradiction, "T0059": _wrong_value,
}  # fmt: skip
PLUGIN: Producer = Plain(("tars",), propose)
