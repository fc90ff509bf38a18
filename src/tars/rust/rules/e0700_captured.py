"""Says which lifetime an `impl Trait` that is returned lives for, as a bound, which compilers of any age understand: of
several loans the same one."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.lifetimes import declare, fresh_lifetime, name_references, unnamed
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch, Place

_NAMED = re.compile(r"captures the lifetime `('\w+)`")


def _patches(site: Site) -> Iterator[Patch]:
    opaque, hidden = site.label("opaque type defined here"), site.label("captures the")
    function = site.up("function_item")
    if opaque is None or hidden is None or function is None or opaque.place.path != site.file.path:
        return
    named = _NAMED.search(hidden.text)
    lent = [one for one in parameters(function) if next(unnamed(site.file, one), None) is not None]
    lifetime = named[1] if named is not None else "'_"
    if (named is not None or len(lent) == 1) and lifetime not in site.file.text(opaque.place):
        bound = site.file.insert(opaque.place.end, f" + {lifetime}")
        yield patch(f"what is returned lives for `{lifetime}`", 0.55, bound)
    elif named is None and len(lent) > 1:
        yield from _together(site, function, lent, opaque.place)


def _together(site: Site, function: Node, lent: list[Node], opaque: Place) -> Iterator[Patch]:
    """Of several loans, which no name tells apart, the compiler cannot say which one is meant."""
    name = fresh_lifetime(site.file, function)
    declared, returned = declare(site.file, function, name), function.child_by_field_name("return_type")
    if declared is None or returned is None:
        return
    named = [change for one in lent for change in name_references(site.file, one, name)]
    named += name_references(site.file, returned, name)
    bound = site.file.insert(opaque.end, f" + {name}")
    yield patch("all that is kept in what is returned has one lifetime", 0.75, declared, *named, bound)


PLUGIN = Mend(
    codes=("E0700",),
    title="say for which lifetime a returned `impl Trait` lives",
    cites=(
        "docs:error_codes/E0700.html",
        "docs:reference/types/impl-trait.html",
        "docs:reference/trait-bounds.html#lifetime-bounds",
    ),
    examples=(
        Example(
            """
pub fn taken(all: &mut Vec<u8>) -> impl Iterator<Item = u8> {
    all.drain(..)
}
""",
            """
pub fn taken(all: &mut Vec<u8>) -> impl Iterator<Item = u8> + '_ {
    all.drain(..)
}
""",
        ),
        Example(
            """
pub struct Words(Vec<String>);
impl Words {
    pub fn lengths<'a>(&'a self) -> (impl Iterator<Item = usize>, usize) {
        (self.0.iter().map(String::len), self.0.len())
    }
}
""",
            """
pub struct Words(Vec<String>);
impl Words {
    pub fn lengths<'a>(&'a self) -> (impl Iterator<Item = usize> + 'a, usize) {
        (self.0.iter().map(String::len), self.0.len())
    }
}
""",
        ),
        Example(
            """
pub struct Words(Vec<String>);
impl Words {
    pub fn like(&self, start: &str) -> impl Iterator<Item = &String> {
        self.0.iter().filter(move |one| one.starts_with(start))
    }
}
""",
            """
pub struct Words(Vec<String>);
impl Words {
    pub fn like<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'a String> + 'a {
        self.0.iter().filter(move |one| one.starts_with(start))
    }
}
""",
        ),
    ),
    patches=_patches,
)
