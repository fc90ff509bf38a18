"""Mends range patterns whose bounds are texts, are swapped, or span nothing."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    range_ = site.up("range_pattern")
    if range_ is None:
        return
    text = site.file.text(range_)
    parts = re.fullmatch(r"(.+?)\s*(\.\.=|\.\.\.|\.\.)\s*(.+)", text, re.S)
    if parts is None:
        return
    low, dots, high = parts.groups()
    if site.diagnostic.code == "E0029":
        if re.fullmatch(r'"."', low) and re.fullmatch(r'"."', high):
            chars = f"'{low[1]}'{dots}'{high[1]}'"
            yield patch("a range of characters", 0.45, site.file.replace(range_, chars))
        arm = site.up("match_arm")
        guarded = arm.child_by_field_name("pattern") if arm else None
        if guarded is not None and site.file.text(guarded) == text:
            new = f"value if ({low}{dots}{high}).contains(&value)"
            yield patch("ask in a guard whether it is in the range", 0.5, site.file.replace(range_, new))
    elif low == high and dots == "..":
        yield patch("include the end", 0.55, site.file.replace(range_, f"{low}..={high}"))
    else:
        yield patch("put the lower bound first", 0.55, site.file.replace(range_, f"{high}{dots}{low}"))


PLUGIN = Mend(
    codes=("E0029", "E0030", "E0579"),
    title="write a range that a pattern can have",
    cites=("docs:reference/patterns.html#range-patterns", "docs:error_codes/E0030.html"),
    examples=(
        Example(
            """
pub fn early(name: &str) -> bool {
    match name {
        "aa"..="mm" => true,
        _ => false,
    }
}
""",
            """
pub fn early(name: &str) -> bool {
    match name {
        value if ("aa"..="mm").contains(&value) => true,
        _ => false,
    }
}
""",
        ),
        Example(
            """
pub fn high(n: u8) -> bool {
    match n {
        99..=10 => true,
        _ => false,
    }
}
""",
            """
pub fn high(n: u8) -> bool {
    match n {
        10..=99 => true,
        _ => false,
    }
}
""",
        ),
        Example(
            """
pub fn is_five(n: u8) -> bool {
    match n {
        5..5 => true,
        _ => false,
    }
}
""",
            """
pub fn is_five(n: u8) -> bool {
    match n {
        5..=5 => true,
        _ => false,
    }
}
""",
        ),
    ),
    patches=_patches,
)
