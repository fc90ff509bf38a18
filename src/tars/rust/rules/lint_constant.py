"""Names the constant of the standard library that a literal is nearly."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch

_NAMED = re.compile(r"`(f32|f64|f\{32, 64\})::consts::(\w+)`")


def _patches(site: Site) -> Iterator[Patch]:
    found = _NAMED.search(site.diagnostic.message)
    if found is None:
        return
    single = found[1] == "f32" or site.text.endswith("f32")
    double = found[1] == "f64" or site.text.endswith("f64")
    for kind, sure in (("f64", 0.75), ("f32", 0.7)):
        if not (single and kind == "f64") and not (double and kind == "f32"):
            text = f"std::{kind}::consts::{found[2]}"
            yield patch(f"name the constant `{found[2]}`", sure, Change(site.place, text))


PLUGIN = Mend(
    codes=("clippy::approx_constant",),
    title="name the constant that the number is nearly",
    cites=("tool:clippy::approx_constant", "docs:std/f64/consts/index.html"),
    examples=(
        Example(
            """
pub fn area(radius: f64) -> f64 {
    3.14159 * radius * radius
}
""",
            """
pub fn area(radius: f64) -> f64 {
    std::f64::consts::PI * radius * radius
}
""",
        ),
    ),
    patches=_patches,
)
