"""Passes an error on with `?` where a variable was bound: what is done with it later is meant for the value."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.rules_support.statements import declaration
from tars.rust.rules_support.types import mismatch
from tars.rust.values import Example, Patch

_FOUND = re.compile(r"found for (?:enum|reference) `&*(?:\w+::)*(Result|Option)<")


def _patches(site: Site) -> Iterator[Patch]:
    name, head = _variable(site), _head(site)
    function = enclosing_function(site.node)
    returned = return_type(site.file, function)
    if name is None or not head or returned is None or returned.head != head:
        return
    let = declaration(site.file, site.file.text(name), site.file.place(name))
    value = let.child_by_field_name("value") if let is not None else None
    if (
        let is not None
        and value is not None
        and value.type == "call_expression"
        and let.child_by_field_name("type") is None
    ):
        yield patch("pass the error on where it comes up", 0.78, site.file.insert(value.end_byte, "?"))


def _variable(site: Site) -> Node | None:
    """The variable that the compiler points at, or whose method it misses."""
    node: Node | None = site.node
    access = site.up("field_expression")
    if access is not None and access.child_by_field_name("field") == node:
        node = access.child_by_field_name("value")
    while node is not None and node.type == "reference_expression":
        node = node.child_by_field_name("value")
    return node if node is not None and node.type == "identifier" else None


def _head(site: Site) -> str:
    """`Result` or `Option`, where that is what the variable holds."""
    said, types = _FOUND.search(site.diagnostic.message), mismatch(site.diagnostic)
    head = said[1] if said is not None else types.found.peeled.head if types is not None else ""
    wanted = types.wanted.peeled.head if types is not None else ""
    return head if head in ("Result", "Option") and wanted != head else ""


PLUGIN = Mend(
    codes=("E0599", "E0308"),
    title="pass an error on where it comes up",
    cites=("docs:reference/expressions/operator-expr.html", "docs:book/ch09-02-recoverable-errors-with-result.html"),
    examples=(
        Example(
            """
use std::io::{BufRead, Result};
fn taken(bytes: &[u8]) -> usize {
    bytes.len()
}
pub fn first(from: &mut impl BufRead) -> Result<usize> {
    let bytes = from.fill_buf();
    if bytes.is_empty() {
        return Ok(0);
    }
    Ok(taken(bytes))
}
""",
            """
use std::io::{BufRead, Result};
fn taken(bytes: &[u8]) -> usize {
    bytes.len()
}
pub fn first(from: &mut impl BufRead) -> Result<usize> {
    let bytes = from.fill_buf()?;
    if bytes.is_empty() {
        return Ok(0);
    }
    Ok(taken(bytes))
}
""",
        ),
    ),
    patches=_patches,
)
