"""Declares what another language declares with a word of its own: `var (a, b) = pair;` → `let (a, b) = pair;`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_DECLARED = re.compile(rb"\s+\([^()]*\)\s*(?::[^=]*)?=(?!=)")
_LOOKED_AT = 200
_WORDS = ("var", "val", "auto", "local", "my")


def _patches(site: Site) -> Iterator[Patch]:
    rest = site.file.data[site.place.end : site.place.end + _LOOKED_AT]
    if site.text in _WORDS and _DECLARED.match(rest):
        yield patch("`let` declares variables", 0.9, site.file.replace(site.place, "let"))


PLUGIN = Mend(
    codes=("E0425",),
    title="declare variables with `let`",
    cites=("docs:book/ch03-01-variables-and-mutability.html", "docs:reference/statements.html#let-statements"),
    examples=(
        Example(
            """
pub fn sum(pair: (u8, u8)) -> u8 {
    var (one, two) = pair;
    one + two
}
""",
            """
pub fn sum(pair: (u8, u8)) -> u8 {
    let (one, two) = pair;
    one + two
}
""",
        ),
    ),
    patches=_patches,
)
