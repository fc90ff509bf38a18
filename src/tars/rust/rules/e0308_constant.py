"""Gives a constant the type that its uses ask for: `const SIZE: i32 = 30;` beside `[0u8; SIZE]`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import items
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import fits, is_number, mismatch, parse_type
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    name = site.text.rpartition("::")[2]
    if types is None or not re.fullmatch(r"\w+", name) or not is_number(types.wanted) or not types.wanted.known:
        return
    for file, node in items(site.context, "const_item", "static_item", name=name):
        written = node.child_by_field_name("type")
        if written is not None and fits(parse_type(file.text(written)), types.found):
            yield patch(f"declare `{name}` as `{types.wanted}`", 0.6, file.replace(written, str(types.wanted)))


PLUGIN = Mend(
    codes=("E0308",),
    title="give a constant the type that its uses ask for",
    cites=("docs:reference/items/constant-items.html", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
const SIZE: i32 = 30;
pub fn empty() -> [u8; SIZE] {
    [0; SIZE]
}
""",
            """
const SIZE: usize = 30;
pub fn empty() -> [u8; SIZE] {
    [0; SIZE]
}
""",
        ),
    ),
    patches=_patches,
)
