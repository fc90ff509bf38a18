"""Compares with the least or greatest value of a type for equality, as clippy's note has it."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch

_INSTEAD = re.compile(r"consider using `([^`]+)` instead")


def _patches(site: Site) -> Iterator[Patch]:
    for note in site.diagnostic.notes:
        if found := _INSTEAD.search(note.message):
            yield patch("the two can only be equal", 0.85, Change(site.place, found[1]))


PLUGIN = Mend(
    codes=("clippy::absurd_extreme_comparisons",),
    title="compare with the end of a type for equality",
    cites=("tool:clippy::absurd_extreme_comparisons", "docs:reference/expressions/operator-expr.html"),
    examples=(
        Example(
            "pub fn none(left: u32) -> bool {\n    left <= 0\n}\n",
            "pub fn none(left: u32) -> bool {\n    left == 0\n}\n",
        ),
    ),
    patches=_patches,
)
