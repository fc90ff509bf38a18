"""Calls the methods of iterators on what gives one: the characters of a text, the elements of a list, a range."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.methods import between, missing_method
from tars.rust.rules_support.types import ITERATORS, is_integer
from tars.rust.values import Example, Patch

_LISTS = frozenset({"Vec", "[]", "[;]", "VecDeque", "HashSet", "BTreeSet", "BinaryHeap", "LinkedList"})
_MAPS = frozenset({"HashMap", "BTreeMap"})
_METHODS = frozenset(
    {
        "map", "filter", "filter_map", "flat_map", "fold", "sum", "product", "count", "any", "all", "find", "position",
        "max", "min", "max_by", "min_by", "max_by_key", "min_by_key", "zip", "chain", "take", "skip", "enumerate",
        "rev", "collect", "next", "for_each", "take_while", "skip_while", "step_by", "cloned", "copied", "peekable",
        "inspect", "nth", "last", "partition", "cycle", "scan", "map_while", "reduce", "unzip",
    }
)  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0061":
        yield from _most(site)
        return
    missing = missing_method(site)
    if missing is None or missing.receiver is None or missing.name not in _METHODS:
        return
    bare = missing.type.peeled
    text = site.file.text(missing.receiver)
    if bare.head in ("str", "String"):
        yield patch("go through its characters", 0.7, between(site, missing.receiver, ".chars()"))
    elif bare.head in _LISTS:
        owned = missing.type.head != "&" and bare.head not in ("[]",)
        yield patch("go through its elements", 0.6, between(site, missing.receiver, ".iter()"))
        if owned:
            yield patch("go through its elements, owning them", 0.5, between(site, missing.receiver, ".into_iter()"))
    elif bare.head in _MAPS:
        yield patch("go through its entries", 0.55, between(site, missing.receiver, ".iter()"))
        yield patch("go through its values", 0.35, between(site, missing.receiver, ".values()"))
    elif is_integer(bare):
        counted = re.fullmatch(r"(.+)\.(?:len|count)\(\)", text, re.S)
        if counted and missing.name == "count":
            place = site.file.place(missing.call) if missing.call else site.place
            yield patch("it is a number already", 0.5, site.file.replace(place, text))
        yield patch("count up to the number", 0.5, site.file.replace(missing.receiver, f"(0..{text})"))
    elif bare.head in ("Option", "Result") and bare.inner.peeled.head in _LISTS | ITERATORS:
        yield patch("go through what it holds", 0.4, between(site, missing.receiver, ".into_iter().flatten()"))


def _most(site: Site) -> Iterator[Patch]:
    """`list.max()`, which is `Ord::max` of two lists."""
    found = next((hit for one in site.labels() if (hit := re.search(r"#1 of type `(.+)` is missing", one.text))), None)
    access = site.up("field_expression")
    value = access.child_by_field_name("value") if access else None
    if found and value is not None and site.text in ("max", "min") and re.match(r"&?(Vec|\[|HashSet)", found[1]):
        yield patch(f"the {site.text} of its elements", 0.75, between(site, value, ".iter()"))


PLUGIN = Mend(
    codes=("E0599", "E0061"),
    title="call an iterator's method on an iterator",
    cites=("docs:std/iter/trait.Iterator.html", "docs:book/ch13-02-iterators.html"),
    examples=(
        Example(
            """
pub fn shout(text: &str) -> String {
    text.map(|one| one.to_ascii_uppercase()).collect()
}
""",
            """
pub fn shout(text: &str) -> String {
    text.chars().map(|one| one.to_ascii_uppercase()).collect()
}
""",
        ),
        Example(
            """
pub fn most(all: &Vec<u8>) -> Option<&u8> {
    all.max()
}
""",
            """
pub fn most(all: &Vec<u8>) -> Option<&u8> {
    all.iter().max()
}
""",
        ),
    ),
    patches=_patches,
)
