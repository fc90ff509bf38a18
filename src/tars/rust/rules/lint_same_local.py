"""Removes a `let` that binds a name to itself."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import line_place
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    let = site.up("let_declaration")
    if let is not None:
        yield patch("remove the `let`", 0.85, site.file.delete(line_place(site.file, let)))


PLUGIN = Mend(
    codes=("clippy::redundant_locals",),
    title="remove a `let` that binds a name to itself",
    cites=("tool:clippy::redundant_locals", "docs:book/ch03-01-variables-and-mutability.html"),
    examples=(
        Example(
            "pub fn next(x: i32) -> i32 {\n    let x = x;\n    x + 1\n}\n",
            "pub fn next(x: i32) -> i32 {\n    x + 1\n}\n",
        ),
    ),
    patches=_patches,
)
