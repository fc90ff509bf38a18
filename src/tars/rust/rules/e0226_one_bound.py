"""Mends a trait object that is said to live for two lifetimes: one is kept."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    file, place = site.file, site.place
    before = re.search(rb"\s*\+\s*$", file.data[: place.start])
    if before is None:
        return
    yield patch(f"leave `{site.text}` out", 0.7, file.delete(Place(file.path, before.start(), place.end)))
    other = re.search(rb"\+\s*'\w+\s*$", file.data[: before.start()])
    if other is not None:
        gone = Place(file.path, other.start(), place.start)
        yield patch(f"keep `{site.text}`", 0.4, file.replace(gone, "+ "))


PLUGIN = Mend(
    codes=("E0226",),
    title="give a trait object one lifetime",
    cites=("docs:error_codes/E0226.html", "docs:reference/types/trait-object.html#trait-object-lifetime-bounds"),
    examples=(
        Example(
            "pub trait Show {}\n\npub struct Shown<'a, 'b>(pub Box<dyn Show + 'a + 'b>, pub &'b u8);\n",
            "pub trait Show {}\n\npub struct Shown<'a, 'b>(pub Box<dyn Show + 'a>, pub &'b u8);\n",
        ),
    ),
    patches=_patches,
)
