"""Opens a private item where it is defined, for code elsewhere that names it."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.makers import taking
from tars.rust.rules_support.mend import Mend, Site, children, patch
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
        yield from _made(site, name)
        for word, less in SURE:
            changes = opened_fields(file, declaration, (), word)
            if changes:
                yield patch(f"let all fields of `{name}` be seen where it is made", 0.6 - less, *changes)
        return
    sure = 0.45 if declaration.type == "use_declaration" else 0.62
    for word, less in SURE:
        change = opened(file, declaration, word)
        if change is not None:
            yield patch(f"make `{name}` visible with `{word}`", sure - less, change)


def _made(site: Site, name: str) -> Iterator[Patch]:
    """A call of a closed constructor: a function of the type takes as many values."""
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call is not None else None
    listed = call.child_by_field_name("arguments") if call is not None else None
    if function is None or listed is None or function.end_byte != site.place.end:
        return
    for maker in taking(site.context, name, len(children(listed))):
        yield patch(f"make it with `{maker}`", 0.68, site.file.insert(function.end_byte, f"::{maker}"))


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
    pub struct Side(u8);
    impl Side {
        pub fn new(length: u8) -> Self {
            Side(length)
        }
    }
}
pub fn side() -> shapes::Side {
    shapes::Side(1)
}
""",
            """
mod shapes {
    pub struct Side(u8);
    impl Side {
        pub fn new(length: u8) -> Self {
            Side(length)
        }
    }
}
pub fn side() -> shapes::Side {
    shapes::Side::new(1)
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
