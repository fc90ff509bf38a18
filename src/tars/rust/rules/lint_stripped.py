"""Takes off a prefix or suffix by the method that also asks for it, as clippy would have it."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import free_name
from tars.rust.values import Change, Example, Patch

_HOLE = "<stripped>"


def _patches(site: Site) -> Iterator[Patch]:
    name = free_name(site.file, site.node, "rest", "stripped")
    whole = max(site.diagnostic.suggestions, key=lambda one: len(one.changes), default=None)
    if whole is not None and sum(_HOLE in one.text for one in whole.changes) > 1:
        filled = [Change(one.place, one.text.replace(_HOLE, name)) for one in whole.changes]
        yield patch("take it off and ask for it at once", 0.85, *filled)


PLUGIN = Mend(
    codes=("clippy::manual_strip",),
    title="take a prefix off with the method that asks for it",
    cites=("tool:clippy::manual_strip", "docs:std/primitive.str.html#method.strip_prefix"),
    examples=(
        Example(
            """
pub fn bare(name: &str) -> &str {
    if name.starts_with("the ") {
        &name[4..]
    } else {
        name
    }
}
""",
            """
pub fn bare(name: &str) -> &str {
    if let Some(rest) = name.strip_prefix("the ") {
        rest
    } else {
        name
    }
}
""",
        ),
    ),
    patches=_patches,
)
