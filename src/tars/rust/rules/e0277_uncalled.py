"""Calls a function that is only named where its value is calculated with: `at % size()`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch

_FUNCTION = re.compile(r"`[^`]*\bfn\(\) -> [^`{]+\{(?:[^`{}]*::)?(\w+)\}`")


def _patches(site: Site) -> Iterator[Patch]:
    named = _FUNCTION.search(site.diagnostic.message)
    statement = next(
        (one for one in ancestors(site.node) if one.type.endswith(("_statement", "_declaration", "_item"))), None
    )
    if named is None or statement is None:
        return
    for name in site.file.walk("identifier", within=statement):
        path = name.parent if name.parent is not None and name.parent.type == "scoped_identifier" else name
        around = path.parent
        called = around is not None and around.type == "call_expression" and path.start_byte == around.start_byte
        if site.file.text(name) == named[1] and path.end_byte == name.end_byte and not called:
            yield patch(f"call `{named[1]}`", 0.85, site.file.insert(name.end_byte, "()"))


PLUGIN = Mend(
    codes=("E0277", "E0369"),
    title="call a function whose value is calculated with",
    cites=("docs:reference/expressions/call-expr.html", "docs:book/ch03-03-how-functions-work.html"),
    examples=(
        Example(
            """
fn size() -> usize {
    8
}
pub fn within(at: usize) -> usize {
    let offset = at % size;
    offset + at / size()
}
""",
            """
fn size() -> usize {
    8
}
pub fn within(at: usize) -> usize {
    let offset = at % size();
    offset + at / size()
}
""",
        ),
        Example(
            """
fn size() -> usize {
    8
}
pub fn within(at: usize) -> usize {
    let offset = size % at;
    offset
}
""",
            """
fn size() -> usize {
    8
}
pub fn within(at: usize) -> usize {
    let offset = size() % at;
    offset
}
""",
        ),
    ),
    patches=_patches,
)
