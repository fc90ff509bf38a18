"""Files as the items that they consist of: two states are compared by those that only one of them has."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.syntax.acts import COMMENTS, Acts, name_of, read_acts, text_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Place

_CONTAINERS = frozenset({"mod_item", "impl_item", "trait_item"})
_TEST = re.compile(r"#\s*\[\s*(\w+\s*::\s*)*(test|rstest|test_case|quickcheck|proptest|bench)\b")

_FOR_TESTS = re.compile(rf"{_TEST.pattern}|#\s*\[\s*cfg\s*\(\s*test\b")


def compared(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[Acts, Acts]:
    """What is done by the parts that only one of the two has. Equal parts count once, so that a duplicate can go; so do
    members of one name in the implementation of a trait, which has a place for only one of them."""
    paths = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    old = {key: unit for path in sorted(paths) for key, unit in _units_of(before.get(path, b""))}
    new = {key: unit for path in sorted(paths) for key, unit in _units_of(after.get(path, b""))}
    members = Counter(unit.member for unit in old.values())
    kept = {unit.member for unit in new.values()}
    lost = [unit for key, unit in old.items() if key not in new]
    lost = [unit for unit in lost if not unit.member or members[unit.member] < 2 or unit.member not in kept]
    return _acts(lost), _acts([unit for key, unit in new.items() if key not in old])


def is_test_code(file: SourceFile, place: Place) -> bool:
    """Whether a place belongs to tests: a file in `tests` or `benches`, a test function, a module for tests."""
    if {"tests", "benches"} & set(file.path.split("/")[:-1]):
        return True
    node: Node | None = file.node_at(place)
    while node is not None:
        above = node.prev_named_sibling
        while above is not None and above.type in COMMENTS | {"attribute_item"}:
            if node.type in ("function_item", "mod_item") and _FOR_TESTS.match(text_of(above)):
                return True
            above = above.prev_named_sibling
        node = node.parent
    return False


class _Unit(Prefab, frozen=True):
    """An item with what stands above it; of a container only its head."""

    above: tuple[Node, ...]
    node: Node
    head: bool = False
    inside: bool = False
    """Whether it stands in an implementation or a trait."""
    member: tuple[bytes, str, str] | None = None
    """Of a member of a trait's implementation: that implementation, its kind and its name."""


@lru_cache(maxsize=64)
def _units_of(data: bytes) -> tuple[tuple[bytes, _Unit], ...]:
    return tuple(_units(SourceFile("", data).root, b"", inside=False))


def _units(container: Node, context: bytes, *, inside: bool) -> Iterator[tuple[bytes, _Unit]]:
    above: list[Node] = []
    around = container.parent
    of_trait = around is not None and around.type == "impl_item" and around.child_by_field_name("trait") is not None
    for child in container.children:
        if child.type in COMMENTS or child.type == "attribute_item":
            above.append(child)
            continue
        key = context + b"\n".join([*(one.text or b"" for one in above), child.text or b""])
        body = child.child_by_field_name("body") if child.type in _CONTAINERS else None
        if body is None or body.has_error:
            member = (context, child.type, name_of(child)) if of_trait and name_of(child) else None
            yield key, _Unit(tuple(above), child, inside=inside, member=member)
        else:
            head = key[: len(key) - (child.end_byte - body.start_byte)]
            yield head, _Unit(tuple(above), child, head=True)
            yield from _units(body, head, inside=child.type != "mod_item")
        above = []
    if above:
        yield context + b"\n".join(one.text or b"" for one in above), _Unit(tuple(above[:-1]), above[-1])


def _acts(units: list[_Unit]) -> Acts:
    acts = Acts()
    for unit in units:
        for one in unit.above:
            read_acts(one, acts)
        acts.broken |= unit.node.has_error and not unit.head
        acts.tests += _is_test(unit)
        if unit.node.type == "function_item" and not unit.inside and not _is_test(unit):
            public = any(child.type == "visibility_modifier" for child in unit.node.children)
            acts.loose |= set() if public else {name_of(unit.node)}
        if unit.head:
            acts.acts[("item", unit.node.type)] += unit.node.type == "trait_item"
        else:
            read_acts(unit.node, acts)
    return acts


def _is_test(unit: _Unit) -> bool:
    return unit.node.type == "function_item" and any(_TEST.match(text_of(one)) for one in unit.above)
