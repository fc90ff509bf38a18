"""Gives the second of two equal names in one pattern or parameter list a name of its own."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.names import fresh, mentions, written
from tars.rust.values import Example, Patch, Place

_HOLDERS = ("match_arm", "function_item", "closure_expression", "block", "function_signature_item")


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text
    holder = site.up(*_HOLDERS)
    if holder is None or not re.fullmatch(r"\w+", name):
        return
    taken = written(site.file, holder)
    for wanted in _unknown(site, holder):
        yield patch(f"call the second one `{wanted}`, which is used", 0.7, site.file.replace(site.place, wanted))
    called = fresh(name, taken)
    yield patch(f"call the second one `{called}`", 0.6, site.file.replace(site.place, called))
    if site.diagnostic.code == "E0416":
        yield from _unused(site, holder, name)


def _unknown(site: Site, holder: Node) -> list[str]:
    """Names that are used here and that nothing defines."""
    inside = [
        one.primary
        for one in site.context.diagnostics
        if one.code == "E0425" and one.primary is not None and _within(one.primary, site.file.place(holder))
    ]
    names = [site.file.text(place) for place in inside]
    return sorted({name for name in names if re.fullmatch(r"[a-z_]\w*", name)})[:2]


def _within(place: Place, around: Place) -> bool:
    return place.path == around.path and around.start <= place.start and place.end <= around.end


def _unused(site: Site, holder: Node, name: str) -> Iterator[Patch]:
    """Where nothing uses the name, a pattern need not bind it; where one arm compares, two names and a guard do."""
    if holder.type != "match_arm":
        return
    value = holder.child_by_field_name("value")
    pattern = holder.child_by_field_name("pattern")
    if value is None or pattern is None:
        return
    if not mentions(site.file, value, name):
        yield patch("bind it once", 0.45, site.file.replace(site.place, "_"))
    elif pattern.child_by_field_name("condition") is None:
        called = fresh(name, written(site.file, holder))
        guard = site.file.insert(pattern.end_byte, f" if {name} == {called}")
        yield patch("bind both and compare them", 0.3, site.file.replace(site.place, called), guard)


PLUGIN = Mend(
    codes=("E0415", "E0416"),
    title="give the second of two equal names a name of its own",
    cites=("docs:error_codes/E0415.html", "docs:error_codes/E0416.html", "docs:reference/patterns.html"),
    examples=(
        Example(
            """
pub fn sum(f: i32, f: i32) -> i32 {
    f
}
""",
            """
pub fn sum(f: i32, g: i32) -> i32 {
    f
}
""",
        ),
        Example(
            """
pub fn sum(left: i32, left: i32) -> i32 {
    left + right
}
""",
            """
pub fn sum(left: i32, right: i32) -> i32 {
    left + right
}
""",
        ),
        Example(
            """
pub fn first(pair: (i32, i32)) -> i32 {
    match pair {
        (x, x) => x,
    }
}
""",
            """
pub fn first(pair: (i32, i32)) -> i32 {
    match pair {
        (x, y) => x,
    }
}
""",
        ),
    ),
    patches=_patches,
)
