"""Removes `..base` where every field of the struct is given."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    base = site.up("base_field_initializer")
    before = base.prev_named_sibling if base is not None else None
    if base is not None and before is not None:
        gone = Place(site.file.path, before.end_byte, base.end_byte)
        yield patch("remove what gives no field", 0.9, site.file.delete(gone))


PLUGIN = Mend(
    codes=("clippy::needless_update",),
    title="remove a base that gives no field",
    cites=("tool:clippy::needless_update", "docs:reference/expressions/struct-expr.html"),
    examples=(
        Example(
            """
#[derive(Default)]
pub struct Size {
    pub width: u32,
}

pub fn wide(width: u32) -> Size {
    Size { width, ..Default::default() }
}
""",
            """
#[derive(Default)]
pub struct Size {
    pub width: u32,
}

pub fn wide(width: u32) -> Size {
    Size { width }
}
""",
        ),
    ),
    patches=_patches,
)
