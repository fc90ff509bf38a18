"""Leaves `_` alone where it stands in an or-pattern beside what it covers."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    yield patch("`_` covers the others", 0.9, Change(site.place, "_"))


PLUGIN = Mend(
    codes=("clippy::wildcard_in_or_patterns",),
    title="leave `_` alone in an or-pattern",
    cites=("tool:clippy::wildcard_in_or_patterns", "docs:book/ch19-03-pattern-syntax.html"),
    examples=(
        Example(
            """
pub fn rank(letter: char) -> u8 {
    match letter {
        'a' => 1,
        'b' | _ => 2,
    }
}
""",
            """
pub fn rank(letter: char) -> u8 {
    match letter {
        'a' => 1,
        _ => 2,
    }
}
""",
        ),
    ),
    patches=_patches,
)
