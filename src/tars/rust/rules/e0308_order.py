"""Gives an `Ordering` where a comparison gives a truth value."""

from collections.abc import Iterator

from tars.rust.rules_support.conversions import Conversion
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import mismatch
from tars.rust.values import Example, Patch

_ASCENDING = (">", ">=")


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    if types is None or (types.wanted.head, types.found.head) != ("Ordering", "bool"):
        return
    node = site.node
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if node.type != "binary_expression" or left is None or right is None or operator is None:
        return
    one, other = (left, right) if site.file.text(operator) in _ASCENDING else (right, left)
    compared = Conversion(f"{{}}.cmp(&{site.file.text(other)})", "", 0.7).applied(site.file.text(one), one.type)
    yield patch("compare, which gives an order", 0.7, site.file.replace(node, compared))
    partly = f"{{}}.partial_cmp(&{site.file.text(other)}).unwrap()"
    text = Conversion(partly, "", 0.5).applied(site.file.text(one), one.type)
    yield patch("compare floating-point numbers, which gives an order", 0.5, site.file.replace(node, text))


PLUGIN = Mend(
    codes=("E0308",),
    title="give an order where one is asked for",
    cites=("docs:std/cmp/enum.Ordering.html", "docs:std/primitive.slice.html#method.sort_by"),
    examples=(
        Example(
            "pub fn rank(all: &mut Vec<(u8, u8)>) {\n    all.sort_by(|one, other| one.0 > other.0);\n}\n",
            "pub fn rank(all: &mut Vec<(u8, u8)>) {\n    all.sort_by(|one, other| one.0.cmp(&other.0));\n}\n",
        ),
    ),
    patches=_patches,
)
