"""Binds the name that a body uses in the pattern before it: of a loop, an arm or a closure."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import fields, items, name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.unknown import unknown_at
from tars.rust.values import Example, Patch

_FIRST = re.compile(
    r"\.(?:enumerate|char_indices|match_indices|rmatch_indices|iter_enumerated)\(\)\s*(?:\.\w+\(\)\s*)?$"
)
_SECOND = re.compile(r"\.zip\(.*\)\s*$", re.DOTALL)


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    if missing is None or missing.is_type or missing.is_call or not missing.here:
        return
    if not re.fullmatch(r"[a-z_]\w*", missing.name):
        return
    for around in ancestors(site.node):
        if around.type == "function_item":
            break
        if around.type == "for_expression":
            pattern, value = around.child_by_field_name("pattern"), around.child_by_field_name("value")
            if pattern is not None and value is not None:
                yield from _pair(site, missing.name, pattern, site.file.text(value))
        elif around.type == "closure_expression":
            yield from _closure(site, missing.name, around)
        elif around.type == "match_arm":
            pattern = around.child_by_field_name("pattern")
            if pattern is not None and pattern.end_byte <= site.place.start:
                yield from _arm(site, missing.name, pattern)
        elif around.type in ("if_expression", "while_expression"):
            condition = around.child_by_field_name("condition")
            pattern = condition.child_by_field_name("pattern") if condition is not None else None
            if pattern is not None and pattern.end_byte <= site.place.start:
                yield from _arm(site, missing.name, pattern)


def _pair(site: Site, name: str, pattern: Node, source: str) -> Iterator[Patch]:
    """`for one in all.enumerate()` gives pairs."""
    if pattern.type == "tuple_pattern":
        yield from _arm(site, name, pattern)
        return
    text = site.file.text(pattern)
    if _FIRST.search(source):
        yield patch(f"bind the index as `{name}`", 0.74, site.file.replace(pattern, f"({name}, {text})"))
    elif _SECOND.search(source):
        yield patch(f"bind the other as `{name}`", 0.7, site.file.replace(pattern, f"({text}, {name})"))


def _closure(site: Site, name: str, closure: Node) -> Iterator[Patch]:
    listed = closure.child_by_field_name("parameters")
    call = closure.parent.parent if closure.parent is not None and closure.parent.type == "arguments" else None
    access = call.child_by_field_name("function") if call is not None else None
    value = access.child_by_field_name("value") if access is not None else None
    method = access.child_by_field_name("field") if access is not None else None
    given = children(listed) if listed is not None else []
    if listed is None:
        return
    if value is not None and len(given) == 1:
        yield from _pair(site, name, given[0], site.file.text(value))
    if method is not None and site.file.text(method) in ("fold", "try_fold", "reduce", "sort_by", "scan", "max_by"):
        if len(given) == 1:
            yield patch(f"take `{name}` too", 0.5, site.file.insert(given[0].end_byte, f", {name}"))
            yield patch(f"take `{name}` too", 0.45, site.file.insert(given[0].start_byte, f"{name}, "))
    elif not given:
        yield patch(f"take `{name}`", 0.55, site.file.replace(listed, f"|{name}|"))


def _arm(site: Site, name: str, pattern: Node) -> Iterator[Patch]:
    """What the pattern leaves out is what is used: `Some(_)`, `Circle()`, `Square { .. }`."""
    for one in site.file.walk("tuple_struct_pattern", "tuple_pattern", "struct_pattern", "_", within=pattern):
        if one.type == "struct_pattern":
            yield from _field(site, name, one)
        elif one.type == "_":
            yield patch(f"bind it as `{name}`", 0.66, site.file.replace(one, name))
        elif one.type == "tuple_struct_pattern" and len(children(one)) == 1:
            yield patch(f"bind it as `{name}`", 0.72, site.file.insert(one.end_byte - 1, name))
    for rest in site.file.walk("remaining_field_pattern", within=pattern):
        if rest.parent is not None and rest.parent.type == "tuple_struct_pattern":
            yield patch(f"bind it as `{name}`", 0.5, site.file.replace(rest, name))


def _field(site: Site, name: str, pattern: Node) -> Iterator[Patch]:
    kind = pattern.child_by_field_name("type")
    last = site.file.text(kind).rpartition("::")[2] if kind is not None else ""
    known: set[str] = set()
    for file, node in items(site.context, "enum_item", "struct_item"):
        for one in [node] if node.type == "struct_item" else file.walk("enum_variant", within=node):
            if name_of(file, one) == last:
                known |= {field for field, _ in fields(file, one)}
    body = next((child for child in pattern.children if child.type == "{"), None)
    if name in known and body is not None:
        given = [one for one in children(pattern) if kind is None or one.id != kind.id]
        text = f" {name}{',' if given else ' '}"
        yield patch(f"bind the field `{name}`", 0.74, site.file.insert(body.end_byte, text))


PLUGIN = Mend(
    codes=("E0425",),
    title="bind in the pattern what the body uses",
    cites=("docs:error_codes/E0425.html", "docs:book/ch19-03-pattern-syntax.html", "docs:reference/patterns.html"),
    examples=(
        Example(
            """
pub fn show(words: &[&str]) {
    for word in words.iter().enumerate() {
        println!("{number}: {word}");
    }
}
""",
            """
pub fn show(words: &[&str]) {
    for (number, word) in words.iter().enumerate() {
        println!("{number}: {word}");
    }
}
""",
        ),
        Example(
            """
pub fn double(number: Option<i32>) -> i32 {
    match number {
        Some(_) => value * 2,
        None => 0,
    }
}
""",
            """
pub fn double(number: Option<i32>) -> i32 {
    match number {
        Some(value) => value * 2,
        None => 0,
    }
}
""",
        ),
        Example(
            """
pub enum Shape {
    Square { side: f64 },
    Dot,
}
pub fn size(shape: &Shape) -> f64 {
    match shape {
        Shape::Square { .. } => side * side,
        Shape::Dot => 0.0,
    }
}
""",
            """
pub enum Shape {
    Square { side: f64 },
    Dot,
}
pub fn size(shape: &Shape) -> f64 {
    match shape {
        Shape::Square { side, .. } => side * side,
        Shape::Dot => 0.0,
    }
}
""",
        ),
        Example(
            """
pub fn doubled(numbers: &[i32]) -> Vec<i32> {
    numbers.iter().map(|| number * 2).collect()
}
""",
            """
pub fn doubled(numbers: &[i32]) -> Vec<i32> {
    numbers.iter().map(|number| number * 2).collect()
}
""",
        ),
    ),
    patches=_patches,
)
