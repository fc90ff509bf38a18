"""Lets a value through where every other arm of a `match` leaves: beside `None => return 0`, `Some(value) => value`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.patterns import add_arm, arms, value_of
from tars.rust.values import Example, Patch

_LEAVES = re.compile(r"\{?\s*(return|continue|break|panic!|unreachable!)\b")
_HOLDS = re.compile(r"`(?:&?)(Some|Ok|Err)\(_\)` not covered")


def _patches(site: Site) -> Iterator[Patch]:
    match = site.up("match_expression")
    said = _HOLDS.search(site.diagnostic.message)
    others = arms(match) if match is not None else []
    if match is None or said is None or not others:
        return
    if all(_LEAVES.match(value_of(site.file, one)) for one in others):
        change = add_arm(site.file, match, f"{said[1]}(value)", "value")
        if change is not None:
            yield patch("take the value that is there", 0.8, change)


PLUGIN = Mend(
    codes=("E0004",),
    title="let the value of a match through",
    cites=("docs:error_codes/E0004.html", "docs:book/ch06-02-match.html"),
    examples=(
        Example(
            """
pub fn next(number: Option<u8>) -> u8 {
    let found: u8 = match number {
        None => return 0,
    };
    found + 1
}
""",
            """
pub fn next(number: Option<u8>) -> u8 {
    let found: u8 = match number {
        None => return 0,
        Some(value) => value,
    };
    found + 1
}
""",
        ),
    ),
    patches=_patches,
)
