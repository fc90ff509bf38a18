"""Does with a missing variant what is done with its like: `Left(one) => one.len()` beside `Right(one) => one.len()`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.patterns import add_arm, arms, pattern_of, value_of
from tars.rust.values import Example, Patch

_MISSING = re.compile(r"`&*(?:\w+::)*([A-Z]\w*)\(([_, ]+)\)` not covered")
_LIKE = re.compile(r"(&?(?:\w+::)*)([A-Z]\w*)(\(.*\))", re.S)
_OFFERED_MAX = 2


def _patches(site: Site) -> Iterator[Patch]:
    match = site.up("match_expression")
    missing = _MISSING.search(site.diagnostic.message)
    offered = 0
    for arm in arms(match) if match is not None and missing is not None else ():
        found, value = _LIKE.fullmatch(pattern_of(site.file, arm)), value_of(site.file, arm)
        if match is None or missing is None or found is None or found[3].count(",") != missing[2].count(","):
            continue
        bound = re.findall(r"\b[a-z_]\w*\b", found[3])
        if offered == _OFFERED_MAX or not any(re.search(rf"\b{name}\b", value) for name in bound):
            continue
        offered += 1
        change = add_arm(
            site.file, match, f"{found[1]}{missing[1]}{found[3]}", re.sub(rf"\b{found[2]}\b", missing[1], value)
        )
        if change is not None:
            yield patch(f"do with `{missing[1]}` what is done with `{found[2]}`", 0.5 - 0.1 * offered, change)


PLUGIN = Mend(
    codes=("E0004",),
    title="do with a variant what is done with its like",
    cites=("docs:error_codes/E0004.html", "docs:book/ch06-02-match.html"),
    examples=(
        Example(
            """
pub enum Side<L, R> {
    Left(L),
    Right(R),
}
pub fn lent<L, R>(side: &Side<L, R>) -> Side<&L, &R> {
    match *side {
        Side::Left(ref one) => Side::Left(one),
    }
}
""",
            """
pub enum Side<L, R> {
    Left(L),
    Right(R),
}
pub fn lent<L, R>(side: &Side<L, R>) -> Side<&L, &R> {
    match *side {
        Side::Left(ref one) => Side::Left(one),
        Side::Right(ref one) => Side::Right(one),
    }
}
""",
        ),
    ),
    patches=_patches,
)
