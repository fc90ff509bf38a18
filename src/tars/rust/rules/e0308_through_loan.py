"""Writes through a loan where a value is assigned to the variable that holds it: `*byte = read()?`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import fits, mismatch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    assigned = next((one for one in (site.node, *ancestors(site.node)) if one.type == "assignment_expression"), None)
    left = assigned.child_by_field_name("left") if assigned is not None else None
    right = assigned.child_by_field_name("right") if assigned is not None else None
    if types is None or left is None or right is None or left.type not in ("identifier", "field_expression"):
        return
    whole = right.start_byte == site.place.start and right.end_byte == site.place.end
    if whole and types.wanted.head == "&mut " and fits(types.wanted.inner, types.found):
        yield patch("write through the loan", 0.92, site.file.insert(left.start_byte, "*"))


PLUGIN = Mend(
    codes=("E0308",),
    title="write through the loan that a variable holds",
    cites=("docs:error_codes/E0308.html", "docs:reference/expressions/operator-expr.html#the-dereference-operator"),
    examples=(
        Example(
            """
pub fn fill(all: &mut [u8], mut next: impl FnMut() -> Option<u8>) -> Option<()> {
    for byte in all.iter_mut() {
        byte = next()?;
    }
    Some(())
}
""",
            """
pub fn fill(all: &mut [u8], mut next: impl FnMut() -> Option<u8>) -> Option<()> {
    for byte in all.iter_mut() {
        *byte = next()?;
    }
    Some(())
}
""",
        ),
    ),
    patches=_patches,
)
