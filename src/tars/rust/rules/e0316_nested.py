"""Declares the lifetimes of a bound in one place."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_FOR = re.compile(r"for\s*<([^>]*)>\s*")


def _patches(site: Site) -> Iterator[Patch]:
    predicate = site.up("where_predicate")
    if predicate is None:
        return
    text = site.file.text(predicate)
    names = [name.strip() for inner in _FOR.findall(text) for name in inner.split(",") if name.strip()]
    bare = _FOR.sub("", text)
    joined = f"for<{', '.join(dict.fromkeys(names))}> {bare}"
    yield patch("declare the lifetimes in one place", 0.75, site.file.replace(predicate, joined))


PLUGIN = Mend(
    codes=("E0316",),
    title="declare the lifetimes of a bound in one place",
    cites=("docs:reference/trait-bounds.html#higher-ranked-trait-bounds", "docs:error_codes/E0316.html"),
    examples=(
        Example(
            """
pub trait Near<'a, 'b> {}
pub fn see<T>(_: T)
where
    for<'a> &'a T: for<'b> Near<'a, 'b>,
{
}
""",
            """
pub trait Near<'a, 'b> {}
pub fn see<T>(_: T)
where
    for<'a, 'b> &'a T: Near<'a, 'b>,
{
}
""",
        ),
    ),
    patches=_patches,
)
