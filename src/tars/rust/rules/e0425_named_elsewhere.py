"""Names what is missing as it is named elsewhere in the crate: `from(b)` → `u32::from(b)`, `ffi::A` → `std::ffi::A`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.paths import whole_path
from tars.rust.values import Example, Patch

_WRITTEN = ("scoped_identifier", "scoped_type_identifier")
_PATHS_MAX = 5


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text
    if not re.fullmatch(r"[A-Za-z_]\w*", name) or whole_path(site.node).end_byte != site.place.end:
        return
    if whole_path(site.node).start_byte != site.place.start:
        return
    found: dict[str, float] = {}
    for path in sorted(site.context.files, key=lambda one: (one != site.file.path, one)):
        file = site.context.files[path]
        for node in file.walk(*_WRITTEN):
            text = re.sub(r"\s+", "", file.text(node))
            if text.endswith(f"::{name}") and not text.startswith("<") and node.start_byte != site.place.start:
                far = abs(node.start_byte - site.place.start) / 1e6 if path == site.file.path else 1.0
                found[text] = min(found.get(text, 2.0), far)
    for number, (text, far) in enumerate(sorted(found.items(), key=lambda one: (one[1], one[0]))[:_PATHS_MAX]):
        near = far < 0.001
        sure = (0.7 if near else 0.5) - 0.09 * number
        yield patch(f"`{text}`, as it is named elsewhere", max(sure, 0.06), site.file.replace(site.place, text))


PLUGIN = Mend(
    codes=("E0425", "E0422", "E0531"),
    title="name a thing as it is named elsewhere",
    cites=("docs:error_codes/E0425.html", "docs:reference/paths.html"),
    examples=(
        Example(
            """
pub fn pair(bytes: &[u8]) -> [u32; 2] {
    [u32::from(bytes[0]), from(bytes[1])]
}
""",
            """
pub fn pair(bytes: &[u8]) -> [u32; 2] {
    [u32::from(bytes[0]), u32::from(bytes[1])]
}
""",
        ),
        Example(
            """
pub mod shapes {
    pub struct Dot {
        pub x: u8,
    }
}
pub fn at(x: u8) -> shapes::Dot {
    Dot { x }
}
""",
            """
pub mod shapes {
    pub struct Dot {
        pub x: u8,
    }
}
pub fn at(x: u8) -> shapes::Dot {
    shapes::Dot { x }
}
""",
        ),
        Example(
            """
pub enum Side {
    Left(u8),
    Right(u8),
}
pub fn of(side: Side) -> u8 {
    match side {
        Side::Left(one) => one,
        Right(two) => two,
    }
}
pub fn right(two: u8) -> Side {
    Side::Right(two)
}
""",
            """
pub enum Side {
    Left(u8),
    Right(u8),
}
pub fn of(side: Side) -> u8 {
    match side {
        Side::Left(one) => one,
        Side::Right(two) => two,
    }
}
pub fn right(two: u8) -> Side {
    Side::Right(two)
}
""",
        ),
    ),
    patches=_patches,
)
