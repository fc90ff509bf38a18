"""Writes a number as one where it stands in quotes behind a sign: `-"5"` → `-5`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if site.node.type != "unary_expression":
        return
    value = site.node.named_children[-1]
    number = re.fullmatch(r'"([0-9][0-9_]*(?:\.[0-9]+)?)"', site.file.text(value))
    if number is not None:
        yield patch("it is a number, not a text", 0.85, site.file.replace(value, number[1]))


PLUGIN = Mend(
    codes=("E0600",),
    title="write a number without quotes",
    cites=("docs:error_codes/E0600.html", "docs:reference/expressions/literal-expr.html"),
    examples=(
        Example(
            """
pub fn lowest() -> i32 {
    let all = [-"33", -4, 5];
    all[0]
}
""",
            """
pub fn lowest() -> i32 {
    let all = [-33, -4, 5];
    all[0]
}
""",
        ),
    ),
    patches=_patches,
)
