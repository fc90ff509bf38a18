"""Lends what a constant holds for reading only: nothing that lives for ever may be borrowed for writing."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    item = site.up("const_item", "static_item")
    type_ = item.child_by_field_name("type") if item is not None else None
    value = item.child_by_field_name("value") if item is not None else None
    if type_ is None or value is None:
        return
    file = site.file
    lent = re.sub(r"&((?:'\w+\s+)?)mut\s+", r"&\1", file.text(type_))
    read = re.sub(r"^&mut\s+", "&", site.text)
    if read != site.text:
        yield patch("lend it for reading", 0.7, file.replace(type_, lent), file.replace(site.place, read))


PLUGIN = Mend(
    codes=("E0764",),
    title="lend what a constant holds for reading",
    cites=("docs:error_codes/E0764.html", "docs:reference/const_eval.html"),
    examples=(
        Example(
            """
pub const STEPS: &'static mut [u8] = &mut [1, 2];
pub fn first() -> u8 {
    STEPS[0]
}
""",
            """
pub const STEPS: &'static [u8] = &[1, 2];
pub fn first() -> u8 {
    STEPS[0]
}
""",
        ),
    ),
    patches=_patches,
)
