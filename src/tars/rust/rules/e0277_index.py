"""Mends indices of another type than `usize`, and texts that are indexed by a number."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.conversions import Conversion
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.types import INTEGERS, parse_type
from tars.rust.values import Change, Example, Patch

_AS = Conversion("{} as usize", "count in `usize`, as indices do", 0.7)


def _patches(site: Site) -> Iterator[Patch]:
    found = re.match(r"the type `(.+)` cannot be indexed by `(.+)`", site.diagnostic.message)
    indexed = site.up("index_expression")
    if found is None or indexed is None:
        return
    index = parse_type(found[2])
    if found[1] == "str" and not index.arguments:
        yield from _letter(site, indexed, index.head)
    elif index.peeled.head in INTEGERS and not index.arguments:
        yield patch(_AS.reason, 0.75, _AS.change(site.file, site.node))
    elif index.head == "&" and index.inner.head == "usize":
        yield patch("index by the number itself", 0.75, site.file.insert(site.place.start, "*"))
    elif index.head == "&" and index.inner.head in INTEGERS:
        yield patch(_AS.reason, 0.7, Conversion("*{} as usize", "", 0.7).change(site.file, site.node))
    elif index.head.startswith("Range"):
        bounds = [one for one in children(site.node) if one.type != "integer_literal"]
        changes: list[Change] = [_AS.change(site.file, one) for one in bounds]
        if changes:
            yield patch(_AS.reason, 0.7, *changes)


def _letter(site: Site, indexed: Node, type_: str) -> Iterator[Patch]:
    """`text[n]`: its nth character, or its nth byte."""
    value, index = indexed.named_children[0], site.node
    number = (
        site.file.text(index) if type_ in ("usize", "{integer}") else _AS.applied(site.file.text(index), index.type)
    )
    text = site.file.text(value)
    nth = f"{text}.chars().nth({number}).unwrap()"
    yield patch("take the character at that number", 0.55, site.file.replace(indexed, nth))
    yield patch("take the byte at that number", 0.35, site.file.replace(indexed, f"{text}.as_bytes()[{number}]"))


PLUGIN = Mend(
    codes=("E0277",),
    title="index by what the value can be indexed by",
    cites=("docs:std/ops/trait.Index.html", "docs:book/ch08-02-strings.html"),
    examples=(
        Example(
            """
pub fn pick(all: &[i32], at: u8) -> i32 {
    all[at]
}
""",
            """
pub fn pick(all: &[i32], at: u8) -> i32 {
    all[at as usize]
}
""",
        ),
        Example(
            """
pub fn first(name: &str) -> char {
    name[0]
}
""",
            """
pub fn first(name: &str) -> char {
    name.chars().nth(0).unwrap()
}
""",
        ),
    ),
    patches=_patches,
)
