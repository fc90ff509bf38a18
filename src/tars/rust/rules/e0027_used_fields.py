"""Completes a pattern that leaves fields out: it binds those that are used beneath it, and passes over the others."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.scope import locals_before
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    pattern = site.up("struct_pattern")
    label = site.label("missing field")
    scope = _scope(pattern) if pattern is not None else None
    if pattern is None or scope is None or label is None:
        return
    missing = [
        part.strip("` ") for part in label.text.partition("field")[2].lstrip("s ").replace(" and ", ",").split(",")
    ]
    known = {local.name for local in locals_before(site.file, pattern)}
    bound = [one for one in missing if one not in known and _is_used(site.file, scope, pattern, one)]
    own = children(pattern)[1:]
    listed = ", ".join([*(site.file.text(one) for one in own), *bound, *([".."] if len(bound) < len(missing) else [])])
    opening = next(one for one in pattern.children if one.type == "{")
    reason = f"bind {', '.join(bound)}, which is used" if bound else "pass over the other fields"
    place = type(site.place)(site.file.path, opening.end_byte, pattern.end_byte - 1)
    yield patch(reason, 0.85 if bound else 0.8, site.file.replace(place, f" {listed} "))


def _scope(pattern: Node) -> Node | None:
    """Where what the pattern binds may be used: the arm, the closure, the function, or the block that a `let` is in."""
    node = pattern.parent
    while node is not None and node.type not in (
        "match_arm",
        "closure_expression",
        "function_item",
        "block",
        "for_expression",
    ):
        node = node.parent
    if node is None or node.type == "block":
        return node
    return node.child_by_field_name("value" if node.type == "match_arm" else "body")


def _is_used(file: SourceFile, scope: Node, pattern: Node, name: str) -> bool:
    """Whether the name of a variable stands behind the pattern, within its scope."""
    found = file.walk("identifier", within=scope)
    return any(one.start_byte >= pattern.end_byte and file.text(one) == name for one in found)


PLUGIN = Mend(
    codes=("E0027",),
    title="complete a pattern by what is used of it",
    cites=("docs:error_codes/E0027.html", "docs:reference/patterns.html#struct-patterns"),
    examples=(
        Example(
            """
pub struct Point { pub x: i32, pub y: i32, pub z: i32 }
pub fn sum(point: Point) -> i32 {
    match point {
        Point { x } => x + y,
    }
}
""",
            """
pub struct Point { pub x: i32, pub y: i32, pub z: i32 }
pub fn sum(point: Point) -> i32 {
    match point {
        Point { x, y, .. } => x + y,
    }
}
""",
        ),
        Example(
            """
pub struct Point { pub x: i32, pub y: i32 }
pub fn first(point: Point) -> i32 {
    let Point { x: a, } = point;
    a
}
""",
            """
pub struct Point { pub x: i32, pub y: i32 }
pub fn first(point: Point) -> i32 {
    let Point { x: a, .. } = point;
    a
}
""",
        ),
    ),
    patches=_patches,
)
