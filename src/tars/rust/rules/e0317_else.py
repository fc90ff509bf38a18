"""Gives an `if` its `else` with a value that is at hand: `if odd { next(byte) }` → `… else { byte }`."""

import re
from collections import Counter
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_NAMES_MAX = 4


def _patches(site: Site) -> Iterator[Patch]:
    condition = site.up("if_expression")
    if condition is None or condition.child_by_field_name("alternative") is not None:
        return
    known = [one for one in site.context.symbols.locals_at(site.place) if one.kind not in ("type", "const", "lifetime")]
    inside = range(condition.start_byte, condition.end_byte)
    values = dict.fromkeys(_failures(site) if "Ok(" in site.file.text(condition) else ())
    names = values | dict.fromkeys(one.name for one in known if one.place.start not in inside and one.name != "self")
    for number, name in enumerate(list(names)[:_NAMES_MAX]):
        text = f" else {{\n{_INDENT}{name}\n}}"
        indent = site.file.indent(condition.start_byte)
        change = site.file.insert(condition.end_byte, text.replace("\n", f"\n{indent}"))
        yield patch(f"else it is `{name}`", 0.4 - 0.06 * number, change)


def _failures(site: Site) -> list[str]:
    """The errors that this file gives back, the most frequent first."""
    calls = (site.file.text(one) for one in site.file.walk("call_expression"))
    return [text for text, _ in Counter(text for text in calls if _ERR.fullmatch(text)).most_common(2)]


_ERR = re.compile(r"Err\([\w:()]+\)")
_INDENT = "    "

PLUGIN = Mend(
    codes=("E0317",),
    title="give an `if` its `else`",
    cites=("docs:error_codes/E0317.html", "docs:reference/expressions/if-expr.html"),
    examples=(
        Example(
            """
pub fn even(byte: u8) -> u8 {
    let found = if byte % 2 == 1 {
        byte + 1
    };
    found
}
""",
            """
pub fn even(byte: u8) -> u8 {
    let found = if byte % 2 == 1 {
        byte + 1
    } else {
        byte
    };
    found
}
""",
        ),
    ),
    patches=_patches,
)
