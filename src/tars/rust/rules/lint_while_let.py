"""Writes a `loop` that begins by looking whether there is more as `while let`."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.statements import statements
from tars.rust.values import Example, Patch, Place

_HOLE = "{ .. }"


def _patches(site: Site) -> Iterator[Patch]:
    loop = site.up("loop_expression")
    body = loop.child_by_field_name("body") if loop is not None else None
    inside = statements(body) if body is not None else []
    if loop is None or not inside:
        return
    for suggestion in site.diagnostic.suggestions:
        text = suggestion.changes[0].text
        if len(suggestion.changes) != 1 or not text.endswith(_HOLE):
            continue
        head = text.removesuffix(_HOLE) + "{"
        first = inside[0]
        if first.type == "let_declaration":
            start = Place(site.file.path, loop.start_byte, first.end_byte)
            yield patch("ask in the head of the loop", 0.85, site.file.replace(start, head))
        elif len(inside) == 1 and (kept := _kept(first)) is not None:
            inner = _shifted(site.file.text(kept), site.file.indent(kept.start_byte), site.file.indent(loop.start_byte))
            yield patch("ask in the head of the loop", 0.85, site.file.replace(loop, head.removesuffix("{") + inner))


def _kept(statement: Node) -> Node | None:
    """The block that goes on, of a `match` or `if let` whose other branch leaves the loop."""
    node = children(statement)[0] if statement.type == "expression_statement" else statement
    if node.type == "if_expression":
        return node.child_by_field_name("consequence")
    if node.type != "match_expression":
        return None
    blocks = [one.child_by_field_name("value") for one in children(children(node)[-1], "match_arm")]
    found = [one for one in blocks if one is not None and one.type == "block"]
    return found[0] if found and blocks[0] is not None and blocks[0].id == found[0].id else None


def _shifted(text: str, indent: str, wanted: str) -> str:
    """The text with so much less before each line."""
    return text.replace(f"\n{indent}", f"\n{wanted}")


PLUGIN = Mend(
    codes=("clippy::while_let_loop",),
    title="write the loop as `while let`",
    cites=("tool:clippy::while_let_loop", "docs:book/ch19-01-all-the-places-for-patterns.html"),
    examples=(
        Example(
            """
pub fn sum(all: &mut Vec<i32>) -> i32 {
    let mut total = 0;
    loop {
        let next = match all.pop() {
            Some(next) => next,
            None => break,
        };
        total += next;
    }
    total
}
""",
            """
pub fn sum(all: &mut Vec<i32>) -> i32 {
    let mut total = 0;
    while let Some(next) = all.pop() {
        total += next;
    }
    total
}
""",
        ),
        Example(
            """
pub fn sum(all: &mut Vec<i32>) -> i32 {
    let mut total = 0;
    loop {
        match all.pop() {
            Some(next) => {
                total += next;
            }
            None => break,
        }
    }
    total
}
""",
            """
pub fn sum(all: &mut Vec<i32>) -> i32 {
    let mut total = 0;
    while let Some(next) = all.pop() {
        total += next;
    }
    total
}
""",
        ),
    ),
    patches=_patches,
)
