"""Says which of two things of one name is meant: by its path, or by an import of it alone."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.imports import imported
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.paths import imports_around
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text
    macro = site.node.parent is not None and site.node.parent.type == "macro_invocation"
    for number, path in enumerate(_paths(site, name)):
        if not macro and site.up("use_declaration") is None:
            yield patch(f"import `{path}` alone", 0.56 - 0.08 * number, imported(site.file, path, site.place))
        yield patch(f"name `{path}`", 0.55 - 0.08 * number, site.file.replace(site.place, path))


def _paths(site: Site, name: str) -> list[str]:
    """The paths of both, in the order in which the compiler tells them."""
    found: list[str] = []
    for note in site.diagnostic.notes:
        said = re.search(r"use `([\w:]+)` to refer to this", note.message)
        if said is not None:
            found.append(said[1])
        for label in note.labels if "could" in note.message else ():
            found += _imported(site, label.place, name)
    return list(dict.fromkeys(path for path in found if path != name))


def _imported(site: Site, place: Place, name: str) -> list[str]:
    if place.path not in site.context.files:
        return []
    return [
        f"{one.path}::{name}" if one.name == "*" else one.path
        for one in imports_around(site.file_of(place), place)
        if one.name in ("*", name)
    ]


PLUGIN = Mend(
    codes=("E0659",),
    title="say which of two things of one name is meant",
    cites=("docs:error_codes/E0659.html", "docs:reference/names/name-resolution.html"),
    examples=(
        Example(
            """
mod moon {
    pub fn far() -> u8 {
        1
    }
}
mod earth {
    pub fn far() -> u8 {
        2
    }
}
use earth::*;
use moon::*;
pub fn distance() -> u8 {
    far()
}
""",
            """
mod moon {
    pub fn far() -> u8 {
        1
    }
}
mod earth {
    pub fn far() -> u8 {
        2
    }
}
use earth::*;
use moon::*;
pub fn distance() -> u8 {
    earth::far()
}
""",
        ),
    ),
    patches=_patches,
)
