"""Drops a `pub` where nothing may say it: the trait, the enum or the type beside it already does."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    every = [
        place
        for one in site.context.diagnostics
        if one.code == site.diagnostic.code and (place := one.primary) is not None and place.path == site.file.path
    ]
    if len(every) > 1:
        yield patch(
            "drop every visibility that is not said", 0.92, *(_gone(site, place) for place in sorted(set(every)))
        )
    yield patch("drop the visibility, which is not said here", 0.9, _gone(site, site.place))


def _gone(site: Site, place: Place) -> Change:
    end = place.end
    while site.file.data[end : end + 1] in (b" ", b"\t"):
        end += 1
    return Change(Place(place.path, place.start, end), "")


PLUGIN = Mend(
    codes=("E0449",),
    title="drop a visibility that is not said here",
    cites=("docs:error_codes/E0449.html", "docs:reference/visibility-and-privacy.html"),
    examples=(
        Example(
            """
pub trait Shape {
    fn area(&self) -> u8;
}
impl Shape for u8 {
    pub fn area(&self) -> u8 {
        *self
    }
}
""",
            """
pub trait Shape {
    fn area(&self) -> u8;
}
impl Shape for u8 {
    fn area(&self) -> u8 {
        *self
    }
}
""",
        ),
        Example(
            """
pub enum Shape {
    pub Circle,
    pub Square,
}
""",
            """
pub enum Shape {
    Circle,
    Square,
}
""",
        ),
    ),
    patches=_patches,
)
