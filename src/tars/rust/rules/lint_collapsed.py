"""Puts a pattern that is asked for within an arm into the arm's own pattern."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    bound, inner = site.label("replace this binding"), site.label("with this pattern")
    if bound is None or inner is None or bound.place.path != inner.place.path:
        return
    pattern = site.file_of(inner.place).text(inner.place)
    arm = site.file.node_of(inner.place, "match_arm")
    body = arm.child_by_field_name("value") if arm is not None else None
    if arm is None or arm.start_byte < site.place.start or body is None:
        condition = site.file.node_of(inner.place, "if_expression")
        body = condition.child_by_field_name("consequence") if condition is not None else None
    if body is None:
        return
    deeper, less = site.file.indent(body.start_byte), site.file.indent(site.place.start)
    text = site.file.text(body).replace(f"\n{deeper}", f"\n{less}")
    yield patch("ask for both at once", 0.8, Change(bound.place, pattern), Change(site.place, text))


PLUGIN = Mend(
    codes=("clippy::collapsible_match",),
    title="ask for both patterns at once",
    cites=("tool:clippy::collapsible_match", "docs:book/ch19-03-pattern-syntax.html"),
    examples=(
        Example(
            """
pub fn rank(found: Option<Option<u8>>) -> u8 {
    match found {
        Some(inner) => match inner {
            Some(1) => 2,
            _ => 0,
        },
        _ => 0,
    }
}
""",
            """
pub fn rank(found: Option<Option<u8>>) -> u8 {
    match found {
        Some(Some(1)) => 2,
        _ => 0,
    }
}
""",
        ),
    ),
    patches=_patches,
)
