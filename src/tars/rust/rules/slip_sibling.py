"""Does in one arm of a `match` what another arm does: `Left(l) => l` beside `Right(r) => Some(r)`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.patterns import arms
from tars.rust.values import Example, Patch

_WORD = re.compile(r"[A-Za-z_]\w*")


def _patches(site: Site) -> Iterator[Patch]:
    arm = next((one for one in (site.node, *ancestors(site.node)) if one.type == "match_arm"), None)
    match = next((one for one in ancestors(arm) if one.type == "match_expression"), None) if arm is not None else None
    value = arm.child_by_field_name("value") if arm is not None else None
    if arm is None or match is None or value is None:
        return
    number = 0
    for other in arms(match):
        text = _as_in(site, other, arm) if other.id != arm.id else None
        if text is not None and text != site.file.text(value) and number < 3:
            sure = 0.4 - 0.1 * number
            number += 1
            yield patch(f"do what the arm `{_shown(site, other)}` does", sure, site.file.replace(value, text))


def _as_in(site: Site, other: Node, arm: Node) -> str | None:
    """What another arm does, with this one's names; None where their patterns are not alike."""
    theirs, own = other.child_by_field_name("pattern"), arm.child_by_field_name("pattern")
    value = other.child_by_field_name("value")
    if theirs is None or own is None or value is None:
        return None
    before, after = site.file.text(theirs), site.file.text(own)
    names, renamed = _WORD.findall(before), _WORD.findall(after)
    if len(names) != len(renamed) or _WORD.sub("_", before) != _WORD.sub("_", after):
        return None
    bound = dict(zip(names, renamed, strict=True))
    return _WORD.sub(lambda found: bound.get(found[0], found[0]), site.file.text(value))


def _shown(site: Site, arm: Node) -> str:
    pattern = arm.child_by_field_name("pattern")
    return site.file.text(pattern) if pattern is not None else "_"


PLUGIN = Mend(
    codes=("E0308", "E0599", "E0277"),
    title="do in an arm what another one does",
    cites=("docs:reference/expressions/match-expr.html", "docs:book/ch06-02-match.html"),
    examples=(
        Example(
            """
pub enum Side {
    Left(u8),
    Right(u8),
}
pub fn next(side: Side) -> Option<Side> {
    match side {
        Side::Left(one) => one.checked_add(1),
        Side::Right(two) => two.checked_add(1).map(Side::Right),
    }
}
""",
            """
pub enum Side {
    Left(u8),
    Right(u8),
}
pub fn next(side: Side) -> Option<Side> {
    match side {
        Side::Left(one) => one.checked_add(1).map(Side::Left),
        Side::Right(two) => two.checked_add(1).map(Side::Right),
    }
}
""",
        ),
        Example(
            """
pub fn sizes(text: &Result<String, Vec<u8>>) -> usize {
    match text {
        Ok(good) => good.lenght() + 1,
        Err(bad) => bad.len() + 1,
    }
}
""",
            """
pub fn sizes(text: &Result<String, Vec<u8>>) -> usize {
    match text {
        Ok(good) => good.len() + 1,
        Err(bad) => bad.len() + 1,
    }
}
""",
        ),
        Example(
            """
pub fn sizes(text: &Result<String, Vec<u8>>) -> usize {
    match text {
        Ok(good) => 1 + good,
        Err(bad) => 1 + bad.len(),
    }
}
""",
            """
pub fn sizes(text: &Result<String, Vec<u8>>) -> usize {
    match text {
        Ok(good) => 1 + good.len(),
        Err(bad) => 1 + bad.len(),
    }
}
""",
        ),
    ),
    patches=_patches,
)
