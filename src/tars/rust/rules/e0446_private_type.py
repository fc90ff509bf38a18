"""Opens a type that other code comes to without naming it: what a public function returns is private."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import TYPES, items
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.visibility import SURE, opened
from tars.rust.values import Example, Patch

_PRIVATE = re.compile(r"(?:type|trait) `(?:&(?:mut )?)?(?:\w+::)*(\w+)(?:<.*>)?` is private$")


def _patches(site: Site) -> Iterator[Patch]:
    found = _PRIVATE.fullmatch(site.diagnostic.message)
    if found is None:
        return
    for file, node in items(site.context, *TYPES, "trait_item", name=found[1]):
        for word, less in SURE:
            change = opened(file, node, word)
            if change is not None:
                yield patch(f"make `{found[1]}` visible with `{word}`", 0.75 - less, change)


PLUGIN = Mend(
    codes=("",),
    title="open a type that what is public gives out",
    cites=("docs:reference/visibility-and-privacy.html",),
    examples=(
        Example(
            """
mod shapes {
    struct Circle(pub f64);
    #[allow(private_interfaces)]
    pub fn unit() -> Circle {
        Circle(1.0)
    }
}
pub fn area() -> f64 {
    let circle = shapes::unit();
    circle.0
}
""",
            """
mod shapes {
    pub struct Circle(pub f64);
    #[allow(private_interfaces)]
    pub fn unit() -> Circle {
        Circle(1.0)
    }
}
pub fn area() -> f64 {
    let circle = shapes::unit();
    circle.0
}
""",
        ),
    ),
    patches=_patches,
)
