"""Flattens what is one `Option` or `Result` too deep."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import fits, mismatch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    if types is None or types.found.head not in ("Option", "Result") or types.found.inner.head != types.wanted.head:
        return
    if types.found.head != types.wanted.head or not fits(types.found.inner, types.wanted):
        return
    function = site.node.child_by_field_name("function") if site.node.type == "call_expression" else None
    field = function.child_by_field_name("field") if function is not None else None
    if field is not None and site.file.text(field) == "map":
        yield patch("`and_then` goes on with what may be absent", 0.8, site.file.replace(field, "and_then"))
    elif types.found.head == "Option":
        yield patch("take one of the two away", 0.65, site.file.insert(site.place.end, ".flatten()"))


PLUGIN = Mend(
    codes=("E0308",),
    title="flatten what is one level too deep",
    cites=("docs:std/option/enum.Option.html#method.and_then", "docs:std/result/enum.Result.html#method.and_then"),
    examples=(
        Example(
            """
pub fn twice(n: Option<i32>) -> Option<i32> {
    n.map(|n| n.checked_mul(2))
}
""",
            """
pub fn twice(n: Option<i32>) -> Option<i32> {
    n.and_then(|n| n.checked_mul(2))
}
""",
        ),
        Example(
            "pub fn flat(n: Option<Option<i32>>) -> Option<i32> {\n    n\n}\n",
            "pub fn flat(n: Option<Option<i32>>) -> Option<i32> {\n    n.flatten()\n}\n",
        ),
    ),
    patches=_patches,
)
