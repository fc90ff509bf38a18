"""Assigns to what can be assigned to."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_JOINING = ("||", "&&")
"""What joins truth values: behind it a comparison is meant."""


def _patches(site: Site) -> Iterator[Patch]:
    assignment = site.up("assignment_expression", "compound_assignment_expr")
    left = assignment.child_by_field_name("left") if assignment else None
    right = assignment.child_by_field_name("right") if assignment else None
    if assignment is None or left is None or right is None:
        return
    text, other = site.file.text(left), site.file.text(right)
    operator = next((one for one in assignment.children if one.type == "="), None)
    joined = left.child_by_field_name("operator") if left.type == "binary_expression" else None
    if operator is not None and joined is not None and joined.type in _JOINING:
        yield patch("compare instead", 0.8, site.file.replace(operator, "=="))
    elif left.type == "call_expression":
        yield patch("assign to what the call refers to", 0.5, site.file.insert(left.start_byte, "*"))
    elif left.type.endswith("_literal") and assignment.type == "assignment_expression":
        if right.type in ("identifier", "field_expression", "index_expression"):
            yield patch("assign the other way round", 0.45, site.file.replace(assignment, f"{other} = {text}"))
    elif left.type.endswith("_literal"):
        indent = site.file.indent(assignment.start_byte)
        declared = f"let mut value = {text};\n{indent}"
        yield patch(
            "keep the number in a variable", 0.35, site.file.insert(assignment.start_byte, declared),
            site.file.replace(left, "value"),
        )  # fmt: skip


PLUGIN = Mend(
    codes=("E0067", "E0070"),
    title="assign to what can be assigned to",
    cites=("docs:error_codes/E0070.html", "docs:reference/expressions.html#place-expressions-and-value-expressions"),
    examples=(
        Example(
            "pub fn ends(c: char) -> bool {\n    let end = c == '.' || c = '!';\n    end\n}\n",
            "pub fn ends(c: char) -> bool {\n    let end = c == '.' || c == '!';\n    end\n}\n",
        ),
        Example("pub fn add() {\n    12 += 1;\n}\n", "pub fn add() {\n    let mut value = 12;\n    value += 1;\n}\n"),
        Example(
            """
fn first(all: &mut Vec<u8>) -> &mut u8 {
    &mut all[0]
}
pub fn clear(all: &mut Vec<u8>) {
    first(all) = 0;
}
""",
            """
fn first(all: &mut Vec<u8>) -> &mut u8 {
    &mut all[0]
}
pub fn clear(all: &mut Vec<u8>) {
    *first(all) = 0;
}
""",
        ),
    ),
    patches=_patches,
)
