"""Removes an attribute that its item has already."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, deleted_line, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    attribute = site.up("attribute_item", "inner_attribute_item")
    if attribute is not None and "," not in site.file.text(attribute):
        yield patch("remove what is there already", 0.85, deleted_line(site.file, attribute))


PLUGIN = Mend(
    codes=("clippy::duplicated_attributes",),
    title="remove an attribute that is there already",
    cites=("tool:clippy::duplicated_attributes", "docs:reference/attributes.html"),
    examples=(
        Example(
            """
#[inline]
#[allow(unused_variables)]
#[allow(unused_variables)]
pub fn none(of: u8) {}
""",
            """
#[inline]
#[allow(unused_variables)]
pub fn none(of: u8) {}
""",
        ),
    ),
    patches=_patches,
)
