"""Reads `one =! two` as it is meant: `one != two`, where `two` can be no truth."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    start = site.place.start
    if site.file.data[start - 1 : start + 1] == b"=!" and site.node.type == "unary_expression":
        around = site.node.parent
        if around is not None and around.type == "assignment_expression":
            yield patch("compare them", 0.95, site.file.replace(Place(site.file.path, start - 1, start + 1), "!="))


PLUGIN = Mend(
    codes=("E0600",),
    title="compare where `=!` is written",
    cites=("docs:error_codes/E0600.html", "docs:reference/expressions/operator-expr.html#comparison-operators"),
    examples=(
        Example(
            """
pub fn other(one: Option<u8>, two: u8) -> bool {
    if one =! Some(two) {
        return true;
    }
    false
}
""",
            """
pub fn other(one: Option<u8>, two: u8) -> bool {
    if one != Some(two) {
        return true;
    }
    false
}
""",
        ),
    ),
    patches=_patches,
)
