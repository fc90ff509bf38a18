"""Lets an inner function reach a variable around it: as a closure, or by a parameter."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, enclosing_function, patch
from tars.rust.rules_support.names import mentions
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    function = enclosing_function(site.node)
    body = function.child_by_field_name("body") if function else None
    outer = next((one for one in ancestors(function) if one.type == "function_item"), None) if function else None
    if function is None or body is None or outer is None:
        return
    name = name_of(site.file, function)
    recursive = bool(mentions(site.file, body, name))
    generic = function.child_by_field_name("type_parameters") is not None
    if not recursive and not generic:
        yield from _closure(site, function, body, name)
    yield from _handed(site, function, outer, name)


def _closure(site: Site, function: Node, body: Node, name: str) -> Iterator[Patch]:
    """`fn add(a: i32) -> i32 { a + x }` → `let add = |a: i32| -> i32 { a + x };`, which stands before its first use."""
    listed, result = function.child_by_field_name("parameters"), function.child_by_field_name("return_type")
    if listed is None:
        return
    around = function.parent
    used = mentions(site.file, around, name) if around is not None else []
    if any(place.end <= function.start_byte for place in used):
        return
    taken = site.file.text(listed)[1:-1]
    returned = f" -> {site.file.text(result)}" if result is not None else ""
    head = f"let {_mutable(site, body)}{name} = |{taken}|{returned} "
    start = site.file.replace(Place(site.file.path, function.start_byte, body.start_byte), head)
    yield patch(f"make `{name}` a closure", 0.66, start, site.file.insert(function.end_byte, ";"))


def _mutable(site: Site, body: Node) -> str:
    """`mut ` where the closure changes what it captures."""
    for node in site.file.walk("assignment_expression", "compound_assignment_expr", within=body):
        left = node.child_by_field_name("left")
        if left is not None and site.file.text(left) == site.text:
            return "mut "
    return ""


def _handed(site: Site, function: Node, outer: Node, name: str) -> Iterator[Patch]:
    """A parameter more, given at every call."""
    here = Place(site.file.path, function.start_byte, function.start_byte)
    local = next((one for one in site.context.symbols.locals_at(here) if one.name == site.text), None)
    kind = local.type if local else ""
    if not kind and local is not None:
        told = site.context.types([local.place]) if local.kind == "parameter" else [_initial(site, local.place)]
        kind = told[0] or ""
    listed = function.child_by_field_name("parameters")
    if listed is None or not kind or "{" in kind or "_" in kind:
        return
    separator = ", " if parameters(function) else ""
    changes = [site.file.insert(listed.end_byte - 1, f"{separator}{site.text}: {kind}")]
    for call in site.file.walk("call_expression", within=outer):
        called, given = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        if called is not None and given is not None and site.file.text(called) == name:
            comma = ", " if children(given) else ""
            changes.append(site.file.insert(given.end_byte - 1, f"{comma}{site.text}"))
    yield patch(f"hand `{site.text}` to `{name}`", 0.45, *changes)


def _initial(site: Site, place: Place) -> str:
    """The type of a variable, told by a literal that it begins with."""
    let = site.file.node_of(place, "let_declaration")
    value = let.child_by_field_name("value") if let else None
    text = site.file.text(value) if value is not None else ""
    if re.fullmatch(r"-?\d[\d_]*", text):
        return "i32"
    if re.fullmatch(r"-?\d[\d_]*\.\d+", text):
        return "f64"
    return "&str" if text.startswith('"') else "bool" if text in ("true", "false") else ""


PLUGIN = Mend(
    codes=("E0434",),
    title="let an inner function reach a variable around it",
    cites=("docs:error_codes/E0434.html", "docs:book/ch13-01-closures.html"),
    examples=(
        Example(
            """
pub fn total(base: i32) -> i32 {
    fn add(by: i32) -> i32 {
        base + by
    }
    add(1) + add(2)
}
""",
            """
pub fn total(base: i32) -> i32 {
    let add = |by: i32| -> i32 {
        base + by
    };
    add(1) + add(2)
}
""",
        ),
        Example(
            """
pub fn count(base: u32) -> u32 {
    fn down(from: u32) -> u32 {
        if from <= base { 0 } else { 1 + down(from - 1) }
    }
    down(10)
}
""",
            """
pub fn count(base: u32) -> u32 {
    fn down(from: u32, base: u32) -> u32 {
        if from <= base { 0 } else { 1 + down(from - 1, base) }
    }
    down(10, base)
}
""",
        ),
    ),
    patches=_patches,
)
