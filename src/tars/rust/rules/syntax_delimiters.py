"""Mends braces, parentheses and brackets that do not pair, by the indentation of the text around them."""

from collections.abc import Iterator

from tars.rust.rules_support.delimiters import Mended, mends
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_OFFERED_MAX = 6


def _patches(site: Site) -> Iterator[Patch]:
    if "delimiter" not in site.diagnostic.message:
        return
    near = [label.place for label in site.labels() if label.place.path == site.file.path]
    for number, mended in enumerate(mends(site.file, near)[:_OFFERED_MAX]):
        yield patch(mended.what, _confidence(mended, number), mended.change)


def _confidence(mended: Mended, number: int) -> float:
    """The first of those that read and fit the indentation is right nine times out of ten."""
    best = 0.85 if mended.broken == (0, 0) and mended.misfit == 0 else 0.7 if mended.broken == (0, 0) else 0.4
    return best * 0.7**number


PLUGIN = Mend(
    codes=("",),
    title="close, open or remove the delimiter that breaks the pairs",
    cites=("docs:reference/tokens.html#delimiters", "docs:book/appendix-02-operators.html"),
    examples=(
        Example(
            "pub fn sign(x: i32) -> i32 {\n    if x < 0 {\n        return -1;\n    let y = x;\n    y\n}\n",
            "pub fn sign(x: i32) -> i32 {\n    if x < 0 {\n        return -1;\n    }\n    let y = x;\n    y\n}\n",
        ),
        Example(
            'pub fn show(x: Option<i32>) {\n    println!("{}", x.unwrap_or(0);\n}\n',
            'pub fn show(x: Option<i32>) {\n    println!("{}", x.unwrap_or(0));\n}\n',
        ),
        Example(
            "pub fn twice(x: i32) -> i32\n    x * 2\n}\n",
            "pub fn twice(x: i32) -> i32 {\n    x * 2\n}\n",
        ),
    ),
    patches=_patches,
)
