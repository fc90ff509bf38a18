"""Puts the `!` back behind a macro: `check {…}` → `check! {…}`, `matches(it, A | B)` → `matches!(it, A | B)`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.syntax import spot_of
from tars.rust.values import Example, Patch

_SAID = re.compile(r"missing `(?:enum|struct|fn|trait|union|enum` or `\w+)` for \w+ definition|expected one of `!`")

_TAKING = ("matches", "assert_matches", "write", "writeln", "format", "vec", "thread_local", "quote")
"""Macros that take what no function could."""
_BACK_MAX = 80
_MACRO = re.compile(rb"\bmacro_rules!\s*(\w+)|\b(\w+)!\s*[(\[{]")


def _patches(site: Site) -> Iterator[Patch]:
    yield from _around(site)
    if not _SAID.search(site.diagnostic.message):
        return
    at = site.place.start
    if site.file.data[at : at + 1] in (b"{", b"(", b"["):
        before = re.search(rb"\w+\s*$", site.file.data[:at][-80:])
        at -= len(before[0]) if before is not None else 0
    found = re.match(rb"\s*(\w+)", site.file.data[at:])
    if found is None:
        return
    name = found[1].decode("utf-8", "replace")
    known = name in _known(site) or name in ("thread_local", "macro_rules", "compile_error", "include")
    path = site.file.data[at - 2 : at] == b"::"
    if known or path or site.diagnostic.message.startswith("missing `"):
        sure = 0.85 if known else 0.35
        yield patch(f"`{name}` is a macro", sure, site.file.insert(at + found.end(), "!"))


def _known(site: Site) -> set[str]:
    """The macros that the crate declares, and those that it calls elsewhere."""
    found = (one for file in site.context.files.values() for one in _MACRO.finditer(file.data))
    return {(one[1] or one[2]).decode("utf-8", "replace") for one in found}


def _around(site: Site) -> Iterator[Patch]:
    """The call around the place, where it is one of a macro: what it is handed is no expression."""
    spot = spot_of(site)
    known = _known(site) if spot is not None else set[str]()
    depth = 0
    if spot is not None and spot.text() == b"[" and spot.text(-1).decode("utf-8", "replace") in known:
        yield patch(f"`{spot.text(-1).decode()}` is a macro", 0.9, site.file.insert(spot.tokens[spot.at].start, "!"))
    for step in range(-1, -_BACK_MAX, -1) if spot is not None else ():
        token = spot.token(step) if spot is not None else None
        if token is None or spot is None:
            return
        depth += token.closes - token.opens
        if depth >= 0:
            continue
        named = spot.token(step - 1)
        if token.text == b"(" and named is not None and named.kind == "word" and named.end == token.start:
            name = named.text.decode("utf-8", "replace")
            if name in _TAKING or name in known:
                yield patch(f"`{name}` is a macro", 0.9, site.file.insert(named.end, "!"))
        depth = 0


PLUGIN = Mend(
    codes=("",),
    title="put the `!` back behind a macro",
    cites=("docs:reference/macros.html", "docs:book/ch20-05-macros.html"),
    examples=(
        Example(
            """
pub enum Part<'a> {
    Number(u32),
    Text(&'a str),
}
pub fn is_zero(part: &Part) -> bool {
    let text = matches(part, Part::Text(t) if t.starts_with('0'));
    text || matches!(part, Part::Number(0))
}
""",
            """
pub enum Part<'a> {
    Number(u32),
    Text(&'a str),
}
pub fn is_zero(part: &Part) -> bool {
    let text = matches!(part, Part::Text(t) if t.starts_with('0'));
    text || matches!(part, Part::Number(0))
}
""",
        ),
        Example(
            """
macro_rules! check {
    ($($it:expr),+ $(,)?) => { $(const _: () = assert!($it);)+ };
}
check {
    1 < 2,
    2 < 3,
}
""",
            """
macro_rules! check {
    ($($it:expr),+ $(,)?) => { $(const _: () = assert!($it);)+ };
}
check! {
    1 < 2,
    2 < 3,
}
""",
        ),
        Example(
            """
macro_rules! word {
    (+) => { i8 };
    (-) => { i16 };
}
pub fn both(a: word![+], b: word[-]) -> i16 {
    i16::from(a) + b
}
""",
            """
macro_rules! word {
    (+) => { i8 };
    (-) => { i16 };
}
pub fn both(a: word![+], b: word![-]) -> i16 {
    i16::from(a) + b
}
""",
        ),
    ),
    patches=_patches,
)
