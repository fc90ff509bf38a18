"""Settles a binding that would hide a static or a variant: compare with it, or call the binding else."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, variant_pattern
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.names import fresh, mentions, replaced, snake, written
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text
    message = site.diagnostic.message
    arm = site.up("match_arm")
    pattern = arm.child_by_field_name("pattern") if arm else None
    inside = pattern is not None and pattern.start_byte <= site.place.start < pattern.end_byte
    if "variant" in message or "tuple struct" in message:
        yield from _fields(site, name)
    if "static" in message and inside and arm is not None and pattern is not None:
        yield from _compared(site, arm, pattern, name)
        yield from _constant(site, name)
    yield from _renamed(site, name)


def _fields(site: Site, name: str) -> Iterator[Patch]:
    """The variant itself is meant: `Circle` → `Circle(_)`."""
    for file, node in items(site.context, "enum_item"):
        for variant in file.walk("enum_variant", within=node):
            own = variant.child_by_field_name("name")
            if own is not None and file.text(own) == name:
                text = variant_pattern(file, variant, path="")
                yield patch(f"match the variant `{name}`", 0.66, site.file.replace(site.place, text))
                return


def _compared(site: Site, arm: Node, pattern: Node, name: str) -> Iterator[Patch]:
    """A static is no pattern, but a guard may compare with it."""
    if pattern.child_by_field_name("condition") is None:
        value = fresh("value", written(site.file, arm)) if "value" in written(site.file, arm) else "value"
        guard = site.file.insert(pattern.end_byte, f" if {value} == {name}")
        yield patch(f"compare with `{name}`", 0.5, site.file.replace(site.place, value), guard)


def _constant(site: Site, name: str) -> Iterator[Patch]:
    """What never changes may be a constant, which is a pattern."""
    label = site.label("defined here")
    static = site.file_of(label.place).node_of(label.place, "static_item") if label else None
    if label is None or static is None or any(child.type == "mutable_specifier" for child in static.children):
        return
    word = next((child for child in static.children if child.type == "static"), None)
    if word is not None:
        yield patch(f"make `{name}` a constant", 0.52, site.file_of(label.place).replace(word, "const"))


def _renamed(site: Site, name: str) -> Iterator[Patch]:
    """The binding gets a name of its own, wherever it is used."""
    holder = site.up("match_arm", "block", "function_item", "closure_expression")
    if holder is None or not re.fullmatch(r"\w+", name):
        return
    wanted = snake(name)
    taken = written(site.file, holder)
    wanted = fresh(wanted, taken) if wanted in taken or wanted == name else wanted
    function = site.up("function_item")
    parameter = site.up("parameter") is not None
    within = function if parameter and function is not None else holder
    places = [one for one in mentions(site.file, within, name) if one.start >= site.place.end]
    if within.type == "block" and (let := site.up("let_declaration")) is not None:
        places = [one for one in places if one.start >= let.end_byte]
    changes = [site.file.replace(site.place, wanted), *replaced(site.file, places, wanted)]
    yield patch(f"call the binding `{wanted}`", 0.45, *changes)


PLUGIN = Mend(
    codes=("E0530",),
    title="settle a binding that would hide a static or a variant",
    cites=("docs:error_codes/E0530.html", "docs:reference/patterns.html#identifier-patterns"),
    examples=(
        Example(
            """
static LIMIT: i32 = 10;
pub fn at_limit(count: i32) -> bool {
    match count {
        LIMIT => true,
        _ => false,
    }
}
""",
            """
const LIMIT: i32 = 10;
pub fn at_limit(count: i32) -> bool {
    match count {
        LIMIT => true,
        _ => false,
    }
}
""",
        ),
        Example(
            """
static LIMIT: i32 = 10;
pub fn double(LIMIT: i32) -> i32 {
    LIMIT * 2
}
""",
            """
static LIMIT: i32 = 10;
pub fn double(limit: i32) -> i32 {
    limit * 2
}
""",
        ),
        Example(
            """
pub enum Shape {
    Circle(f64),
    Dot,
}
use Shape::*;
pub fn is_round(shape: &Shape) -> bool {
    match shape {
        Circle => true,
        Dot => false,
    }
}
""",
            """
pub enum Shape {
    Circle(f64),
    Dot,
}
use Shape::*;
pub fn is_round(shape: &Shape) -> bool {
    match shape {
        Circle(_) => true,
        Dot => false,
    }
}
""",
        ),
    ),
    patches=_patches,
)
