"""Opens a private item where it is defined, for code elsewhere that names it."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.visibility import SURE, declaration_at, opened, opened_fields
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    kind = re.match(r"(.+?) `", site.diagnostic.message)
    what = kind[1] if kind else "item"
    place = _definition(site)
    declaration = declaration_at(site.file_of(place), place) if place else None
    if place is None or declaration is None:
        return
    file = site.file_of(place)
    name = site.words[0] if site.words else "it"
    if "constructor" in what:
        for word, less in SURE:
            changes = opened_fields(file, declaration, (), word)
            if changes:
                yield patch(f"let all fields of `{name}` be seen where it is made", 0.6 - less, *changes)
        return
    for word, less in SURE:
        change = opened(file, declaration, word)
        if change is not None:
            yield patch(f"make `{name}` visible with `{word}`", 0.62 - less, change)


def _definition(site: Site) -> Place | None:
    """A note or, for methods, a label tells where it is defined."""
    label = site.label("defined here")
    return site.noted("defined here") or (label.place if label else None)


PLUGIN = Mend(
    codes=("E0603", "E0624"),
    title="open a private item where it is defined",
    cites=(
        "docs:error_codes/E0603.html",
        "docs:error_codes/E0624.html",
        "docs:reference/visibility-and-privacy.html",
    ),
    examples=(
        Example(
            """
mod shapes {
    fn area(side: f64) -> f64 {
        side * side
    }
}
pub fn total() -> f64 {
    shapes::area(2.0)
}
""",
            """
mod shapes {
    pub fn area(side: f64) -> f64 {
        side * side
    }
}
pub fn total() -> f64 {
    shapes::area(2.0)
}
""",
        ),
        Example(
            """
mod shapes {
    pub struct Pair(pub u8, u8);
}
pub fn pair() -> shapes::Pair {
    shapes::Pair(1, 2)
}
""",
            """
mod shapes {
    pub struct Pair(pub u8, pub u8);
}
pub fn pair() -> shapes::Pair {
    shapes::Pair(1, 2)
}
""",
        ),
        Example(
            """
mod shapes {
    #[derive(Default)]
    pub struct Square {
        side: f64,
    }
    impl Square {
        fn area(&self) -> f64 {
            self.side * self.side
        }
    }
}
pub fn total(square: &shapes::Square) -> f64 {
    square.area()
}
""",
            """
mod shapes {
    #[derive(Default)]
    pub struct Square {
        side: f64,
    }
    impl Square {
        pub fn area(&self) -> f64 {
            self.side * self.side
        }
    }
}
pub fn total(square: &shapes::Square) -> f64 {
    square.area()
}
""",
        ),
    ),
    patches=_patches,
)
