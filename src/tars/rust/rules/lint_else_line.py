"""Begins a line with an `if` that stands behind a block and looks like an `else if`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if not site.text.strip():
        yield patch("begin a line with it", 0.85, Change(site.place, f"\n{site.file.indent(site.place.start)}"))


PLUGIN = Mend(
    codes=("clippy::possible_missing_else",),
    title="begin a line with an `if` that is no `else if`",
    cites=("tool:clippy::possible_missing_else", "docs:reference/expressions/if-expr.html"),
    examples=(
        Example(
            """
pub fn sum(one: bool, two: bool) -> u8 {
    let mut all = 0;
    if one {
        all += 1;
    } if two {
        all += 2;
    }
    all
}
""",
            """
pub fn sum(one: bool, two: bool) -> u8 {
    let mut all = 0;
    if one {
        all += 1;
    }
    if two {
        all += 2;
    }
    all
}
""",
        ),
    ),
    patches=_patches,
)
