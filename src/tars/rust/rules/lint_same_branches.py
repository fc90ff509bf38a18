"""Joins the conditions of two branches of an `if` that do the same."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch, Place

_LOOSE = ("let_condition", "let_chain", "closure_expression", "assignment_expression", "range_expression")


def _patches(site: Site) -> Iterator[Patch]:
    first = site.up("if_expression")
    other = first.child_by_field_name("alternative") if first is not None else None
    second = next((one for one in other.named_children if one.type == "if_expression"), None) if other else None
    if first is None or second is None:
        return
    one, two = first.child_by_field_name("condition"), second.child_by_field_name("condition")
    if one is None or two is None or one.type in _LOOSE or two.type in _LOOSE:
        return
    gap = Place(site.file.path, one.end_byte, two.start_byte)
    yield patch("join the conditions", 0.8, site.file.replace(gap, " || "))


PLUGIN = Mend(
    codes=("clippy::if_same_then_else",),
    title="join the conditions of branches that do the same",
    cites=("tool:clippy::if_same_then_else", "docs:reference/expressions/operator-expr.html"),
    examples=(
        Example(
            """
pub fn fare(age: u32) -> u32 {
    if age < 6 {
        0
    } else if age > 80 {
        0
    } else {
        5
    }
}
""",
            """
pub fn fare(age: u32) -> u32 {
    if age < 6 || age > 80 {
        0
    } else {
        5
    }
}
""",
        ),
    ),
    patches=_patches,
)
