"""Puts the comma back between two elements of a list that were read as a sum: `[1, 2 -3]` → `[1, 2, -3]`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_JOINED = ("-", "*", "&")
"""What stands before a value as well as between two."""
_SIZES = re.compile(r"expected an array with a (?:fixed )?size of (\d+).*found one with a size of (\d+)")


def _patches(site: Site) -> Iterator[Patch]:
    told = " ".join([site.diagnostic.message, *(one.text for one in site.diagnostic.labels)])
    sizes = _SIZES.search(told)
    array: Node | None = site.up("array_expression")
    if sizes is None or array is None:
        return
    missing = int(sizes[1]) - int(sizes[2])
    for element in array.named_children:
        operator = element.child_by_field_name("operator") if element.type == "binary_expression" else None
        left = element.child_by_field_name("left")
        if missing != 1 or operator is None or left is None or operator.type not in _JOINED:
            continue
        apart = site.file.data[left.end_byte : operator.start_byte]
        after = site.file.data[operator.end_byte : operator.end_byte + 1]
        # Nobody writes a difference so: `1 -2`.
        sure = 0.85 if apart and not after.isspace() else 0.3
        yield patch("these are two elements", sure, site.file.insert(left.end_byte, ","))


PLUGIN = Mend(
    codes=("E0308",),
    title="put the comma back between two elements",
    cites=("docs:reference/expressions/array-expr.html", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
pub static POWERS: [i16; 6] = [
    -1220, -1193, -1166,
    -1140  -1113, 1087,
];
""",
            """
pub static POWERS: [i16; 6] = [
    -1220, -1193, -1166,
    -1140,  -1113, 1087,
];
""",
        ),
    ),
    patches=_patches,
)
