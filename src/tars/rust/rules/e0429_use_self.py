"""Imports a module by its path: `self` is said only in braces, and once."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    data = site.file.data
    start, end = site.place.start, site.place.end
    if site.text.endswith("self") and not site.text.startswith("::"):
        start = data.rfind(b"::", 0, end)
    if data[start:end].replace(b" ", b"") != b"::self":
        return
    yield patch("import the module itself", 0.9, Change(Place(site.file.path, start, end), ""))


PLUGIN = Mend(
    codes=("E0429",),
    title="import a module by its path",
    cites=("docs:error_codes/E0429.html", "docs:reference/items/use-declarations.html"),
    examples=(
        Example(
            """
use std::fmt::self;
pub fn write(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("one")
}
""",
            """
use std::fmt;
pub fn write(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("one")
}
""",
        ),
    ),
    patches=_patches,
)
