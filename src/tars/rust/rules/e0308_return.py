"""Returns early what is given where nothing is wanted, or where nothing is done with it."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import UNIT, fits, mismatch, parse_type
from tars.rust.values import Example, Patch

_MADE = re.compile(r"(Ok|Err|Some)\(|None\b")
_BODIES = ("function_item", "closure_expression", "async_block")


def _patches(site: Site) -> Iterator[Patch]:
    function = next((one for one in ancestors(site.node) if one.type in _BODIES), None)
    if function is None:
        return
    if site.diagnostic.code != "E0308":
        yield from _dropped(site, function)
        return
    types = mismatch(site.diagnostic)
    returned = return_type(site.file, function)
    if types is None or returned is None or returned == UNIT:
        return
    if types.found == UNIT and fits(types.wanted, returned) and types.wanted.head != "_":
        given = [label for label in site.labels() if label.text.startswith("this is found to be of type")]
        if given and "match" in site.diagnostic.message:
            yield patch("return it early", 0.5, *(site.file.insert(label.place.start, "return ") for label in given))
    if types.wanted != UNIT:
        return
    if fits(types.found, returned) and types.found.head != "_" and not _is_end(site.node, function):
        yield patch("return it early", 0.55, site.file.insert(site.place.start, "return "))


def _is_end(node: Node, function: Node) -> bool:
    """Whether the node is the value of the function's body."""
    body = function.child_by_field_name("body")
    inner = body.named_children if body is not None else []
    return bool(inner) and inner[-1].end_byte == node.end_byte and inner[-1].start_byte == node.start_byte


def _dropped(site: Site, function: Node) -> Iterator[Patch]:
    """A statement that makes a result and does nothing with it."""
    returned = return_type(site.file, function) or parse_type("_")
    if returned.head not in ("Option", "Result"):
        return
    for statement in site.file.walk("expression_statement", within=function):
        text = site.file.text(statement)
        fitting = text.startswith(("Ok", "Err")) if returned.head == "Result" else text.startswith(("Some", "None"))
        if _MADE.match(text) and text.endswith(";") and fitting:
            yield patch("return it early", 0.7, site.file.insert(statement.start_byte, "return "))


PLUGIN = Mend(
    codes=("E0282", "E0308", "E0382"),
    title="return early what nothing is done with",
    cites=("docs:reference/expressions/return-expr.html", "docs:book/ch03-03-how-functions-work.html"),
    examples=(
        Example(
            """
pub fn half(n: i32) -> Result<i32, String> {
    if n % 2 == 1 {
        Err("odd".to_string());
    }
    Ok(n / 2)
}
""",
            """
pub fn half(n: i32) -> Result<i32, String> {
    if n % 2 == 1 {
        return Err("odd".to_string());
    }
    Ok(n / 2)
}
""",
        ),
        Example(
            """
pub fn sign(n: i32) -> i8 {
    match n < 0 {
        true => -1i8,
        false => {}
    }
    1
}
""",
            """
pub fn sign(n: i32) -> i8 {
    match n < 0 {
        true => return -1i8,
        false => {}
    }
    1
}
""",
        ),
        Example(
            """
pub fn named(name: String, all: &[u8]) -> Option<String> {
    for one in all {
        if *one == 0 {
            Some(name);
        }
    }
    None
}
""",
            """
pub fn named(name: String, all: &[u8]) -> Option<String> {
    for one in all {
        if *one == 0 {
            return Some(name);
        }
    }
    None
}
""",
        ),
    ),
    patches=_patches,
)
