"""Closes what a line that holds only a comma or a semicolon had closed: `,` where `},` stood."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_CLOSING = {b"{": "}", b"(": ")", b"[": "]"}
_FOUND_MAX = 4


def _patches(site: Site) -> Iterator[Patch]:
    if "delimiter" not in site.diagnostic.message:
        return
    lines = site.file.data.splitlines(keepends=True)
    opened: dict[int, bytes] = {}
    at, found = 0, 0
    for line in lines:
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if text in (b",", b";") and indent in opened and found < _FOUND_MAX:
            found += 1
            closing = _CLOSING[opened[indent]]
            yield patch(f"close the `{opened[indent].decode()}` here", 0.88, site.file.insert(at + indent, closing))
        if text and not text.startswith(b"//"):
            opened = {one: mark for one, mark in opened.items() if one < indent}
            if text[-1:] in _CLOSING:
                opened[indent] = text[-1:]
        at += len(line)


PLUGIN = Mend(
    codes=("",),
    title="close what a lonely comma ends",
    cites=("docs:reference/tokens.html#delimiters",),
    examples=(
        Example(
            """
pub struct Part {
    size: usize,
}
pub fn parts(all: &[u8]) -> (Part, usize) {
    (
        Part {
            size: all.len(),
        ,
        0,
    )
}
""",
            """
pub struct Part {
    size: usize,
}
pub fn parts(all: &[u8]) -> (Part, usize) {
    (
        Part {
            size: all.len(),
        },
        0,
    )
}
""",
        ),
    ),
    patches=_patches,
)
