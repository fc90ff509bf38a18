"""Compares where a value is assigned and a truth is wanted: `one = other` is `one == other`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import UNIT, mismatch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    if types is None or types.wanted.head != "bool" or types.found != UNIT:
        return
    for mark in site.node.children if site.node.type == "assignment_expression" else ():
        if mark.type == "=":
            yield patch("compare them", 0.85, site.file.replace(mark, "=="))


PLUGIN = Mend(
    codes=("E0308",),
    title="compare where a truth is wanted",
    cites=("docs:reference/expressions/operator-expr.html#comparison-operators", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
use std::borrow::Borrow;
pub fn same(one: &String, other: &String) -> bool {
    let (one, other): (&str, &str) = (one.borrow(), other.borrow());
    one.trim() = other.trim()
}
""",
            """
use std::borrow::Borrow;
pub fn same(one: &String, other: &String) -> bool {
    let (one, other): (&str, &str) = (one.borrow(), other.borrow());
    one.trim() == other.trim()
}
""",
        ),
    ),
    patches=_patches,
)
