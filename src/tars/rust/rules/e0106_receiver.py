"""Lends the receiver of a method that gives loans: what is returned can only be part of it."""

from collections.abc import Iterator

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.lifetimes import owner_of, unnamed
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    function = owner_of(site.node)
    returned = function.child_by_field_name("return_type") if function is not None else None
    if function is None or returned is None or not returned.start_byte <= site.place.start < returned.end_byte:
        return
    taken = [one for one in parameters(function) if next(unnamed(site.file, one), None) is not None]
    receiver = next((one for one in parameters(function) if one.type == "self_parameter"), None)
    text = site.file.text(receiver) if receiver is not None else ""
    if receiver is not None and not taken and text in ("self", "mut self"):
        mutable = text.startswith("mut") or "&mut" in site.file.text(returned)
        lent = "&mut self" if mutable else "&self"
        yield patch("lend the value that the loan is part of", 0.8, site.file.replace(receiver, lent))


PLUGIN = Mend(
    codes=("E0106",),
    title="lend the receiver that a loan is part of",
    cites=("docs:reference/lifetime-elision.html", "docs:error_codes/E0106.html"),
    examples=(
        Example(
            """
pub struct Pair(u8, u8);
impl Pair {
    pub fn both(mut self) -> (&mut u8, &mut u8) {
        (&mut self.0, &mut self.1)
    }
}
""",
            """
pub struct Pair(u8, u8);
impl Pair {
    pub fn both(&mut self) -> (&mut u8, &mut u8) {
        (&mut self.0, &mut self.1)
    }
}
""",
        ),
        Example(
            """
pub struct Name(String);
impl Name {
    pub fn first(self) -> Option<&str> {
        self.0.split(' ').next()
    }
}
""",
            """
pub struct Name(String);
impl Name {
    pub fn first(&self) -> Option<&str> {
        self.0.split(' ').next()
    }
}
""",
        ),
    ),
    patches=_patches,
)
