"""Mutates the declared regions of sources on their syntax trees, one file at a time: only the bytes of the changed
nodes differ, so comments and layout stay. In Rust the slips that people make are among the changes."""

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING, Final

from tars.evolve.operator import SOURCES, Operator, Producer, Situation
from tars.evolve.patch import Patch
from tars.evolve.sources.declarations import Region, declared_in_file
from tars.evolve.sources.files import as_text, files_in
from tars.evolve.sources.languages import fault_in, language_of, parser_of
from tars.evolve.sources.source import declared_in, rewritten
from tars.evolve.values import Candidate
from tars.slips.rust import slips_in

if TYPE_CHECKING:
    from tree_sitter import Node

Edit = tuple[int, int, bytes]
TRIES: Final = 8
NUMBERS: Final = frozenset({"integer", "float", "number", "integer_literal", "float_literal"})
SWAPS: Final = {
    b"+": b"-*", b"-": b"+/", b"*": b"+/", b"/": b"*-", b"<": (b"<=", b">"), b"<=": (b"<", b">="), b">": (b">=", b"<"),
    b">=": (b">", b"<="), b"==": (b"!=",), b"!=": (b"==",), b"===": (b"!==",), b"!==": (b"===",), b"and": (b"or",),
    b"or": (b"and",), b"&&": (b"||",), b"||": (b"&&",), b"+=": (b"-=", b"*="), b"-=": (b"+=",), b"*=": (b"+=", b"/="),
    b"min": (b"max",), b"max": (b"min",), b"True": (b"False",), b"False": (b"True",), b"true": (b"false",),
    b"false": (b"true",),
}  # fmt: skip
BODIES: Final = frozenset({"block", "statement_block", "module", "program"})
LISTS: Final = frozenset({"argument_list", "arguments"})


def propose(situation: Situation) -> Patch | None:
    """One to three changes in one region, in a text that parses."""
    text, draw = situation.parent.text, situation.random
    regions = [one for one in declared_in(text).regions.values() if one.text.strip()]
    if not regions:
        return None
    for _ in range(TRIES):
        region = draw.choice(regions)
        changed = files_in(text)[region.file]
        language = language_of(region.file, situation.language)
        for _ in range(1 + int(draw.random() < 0.35) + int(draw.random() < 0.15)):
            here = declared_in_file(changed, region.file, "").regions[region.name]
            changed = _mutated(changed, here, language, draw) or changed
        after = declared_in_file(changed, region.file, "").regions.get(region.name)
        if after is None or after.text == region.text or fault_in(changed, language):
            continue
        if not situation.seen(as_text({**files_in(text), region.file: changed})):
            return Patch((rewritten(region, after.text),))
    return None


def _mutated(text: str, region: Region, language: str, draw: Random) -> str | None:
    data = text.encode()
    start = len(text[: region.start].encode())
    end = start + len(region.text.encode())
    nodes = list(_nodes(parser_of(language).parse(data).root_node, start, end))
    kinds: list[tuple[Callable[[list[Node], bytes, Random], list[Edit]], int]] = [
        (_number, 5), (_swap, 4), (_statement, 3), (_argument, 2), (_name, 2), (_slip, 6 if language == "rust" else 0),
    ]  # fmt: skip
    make = draw.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
    edits = make(nodes, data, draw)
    for begin, stop, new in sorted(edits, reverse=True):
        data = data[:begin] + new + data[stop:]
    return data.decode() if edits else None


def _nodes(node: "Node", start: int, end: int) -> Iterator["Node"]:
    """The nodes that lie in the region as a whole."""
    if node.end_byte <= start or node.start_byte >= end:
        return
    if start <= node.start_byte and node.end_byte <= end:
        yield node
    for child in node.children:
        yield from _nodes(child, start, end)


def _number(nodes: list["Node"], data: bytes, draw: Random) -> list[Edit]:
    found = [one for one in nodes if one.type in NUMBERS]
    if not found:
        return []
    one = draw.choice(found)
    word, kind = _without_kind(data[one.start_byte : one.end_byte].decode())
    try:
        value = int(word, 0)
    except ValueError:
        try:
            number = float(word)
        except ValueError:
            return []
        new = draw.choice((number * draw.gauss(1, 0.2), number * 2, number / 2, number + draw.gauss(0, 0.1), -number))
        text = f"{new:.6g}"
        # In Rust a whole number is of another type.
        text += ".0" if one.type == "float_literal" and text.lstrip("-").isdecimal() else ""
        return [(one.start_byte, one.end_byte, f"{text}{kind}".encode())]
    whole = draw.choice((value + 1, value - 1, value * 2, value // 2, value + draw.randint(-10, 10)))
    return [(one.start_byte, one.end_byte, f"{whole}{kind}".encode())]


def _without_kind(word: str) -> tuple[str, str]:
    """A literal of Rust, such as `10_u64`, and the type that it ends in; of other languages the literal as it is."""
    found = re.fullmatch(r"(.+?)(_?(?:[iu](?:8|16|32|64|128|size)|f(?:32|64)))", word)
    return (found[1], found[2]) if found and not word.startswith("0x") else (word, "")


def _swap(nodes: list["Node"], data: bytes, draw: Random) -> list[Edit]:
    found = [one for one in nodes if not one.children and data[one.start_byte : one.end_byte] in SWAPS]
    if not found:
        return []
    one = draw.choice(found)
    choices = SWAPS[data[one.start_byte : one.end_byte]]
    new = draw.choice(choices)
    return [(one.start_byte, one.end_byte, bytes([new]) if isinstance(new, int) else new)]


def _statement(nodes: list["Node"], data: bytes, draw: Random) -> list[Edit]:
    """Leaves a statement out, or changes places with the one after it."""
    inside = {one.id for one in nodes}
    bodies = [one for one in nodes if one.type in BODIES]
    lists = [[child for child in one.named_children if child.id in inside] for one in bodies]
    lists = [one for one in lists if len(one) > 1]
    if not lists:
        return []
    chosen = draw.choice(lists)
    place = draw.randrange(len(chosen) - 1)
    first, second = chosen[place], chosen[place + 1]
    one, other = data[first.start_byte : first.end_byte], data[second.start_byte : second.end_byte]
    if draw.random() < 0.5:
        return [(first.start_byte, second.start_byte, b"")]
    return [(first.start_byte, first.end_byte, other), (second.start_byte, second.end_byte, one)]


def _argument(nodes: list["Node"], data: bytes, draw: Random) -> list[Edit]:
    """Two arguments of a call change places."""
    found = [one for one in nodes if one.type in LISTS and len(one.named_children) > 1]
    if not found:
        return []
    first, second = draw.sample(draw.choice(found).named_children, 2)
    one, other = data[first.start_byte : first.end_byte], data[second.start_byte : second.end_byte]
    return [(first.start_byte, first.end_byte, other), (second.start_byte, second.end_byte, one)]


def _name(nodes: list["Node"], data: bytes, draw: Random) -> list[Edit]:
    """One name is used where another stood."""
    found = [one for one in nodes if one.type == "identifier"]
    words = sorted({data[one.start_byte : one.end_byte] for one in found})
    if len(words) < 2:
        return []
    one = draw.choice(found)
    others = [word for word in words if word != data[one.start_byte : one.end_byte]]
    return [(one.start_byte, one.end_byte, draw.choice(others))]


def _slip(nodes: list["Node"], data: bytes, draw: Random) -> list[Edit]:
    """What people mistake for one another, as often as they do."""
    if not nodes:
        return []
    start, end = min(one.start_byte for one in nodes), max(one.end_byte for one in nodes)
    within = (one for one in _above(nodes[0]) if one.type == "function_item")
    functions = [*within, *(one for one in nodes if one.type == "function_item")]
    every = (slip for one in functions for slip in slips_in(one))
    found = [slip for slip in every if start <= slip.start and slip.end <= end]
    if not found:
        return []
    one = draw.choices(found, [slip.chance for slip in found])[0]
    return [(one.start, one.end, one.text.encode())]


def _above(node: "Node") -> Iterator["Node"]:
    while node.parent is not None:
        node = node.parent
        yield node


class _Mutator:
    languages = SOURCES
    costly = False

    def start(self, seed: int) -> Operator:
        parser_of("python")
        return _Mutating()


class _Mutating:
    def propose(self, situation: Situation) -> Patch | None:
        return propose(situation)

    def hear(self, candidate: Candidate, parent: Candidate) -> None:
        """It does not learn."""


PLUGIN: Producer = _Mutator()
