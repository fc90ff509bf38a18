"""Lends for reading what cannot be lent for writing, and is only read: `skip(&mut text[1..])` → `skip(&text[1..])`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch, Place

_BETWEEN = ("index_expression", "field_expression", "parenthesized_expression", "unary_expression")


def _patches(site: Site) -> Iterator[Patch]:
    for one in (site.node, *ancestors(site.node)):
        if one.type == "reference_expression":
            value = one.child_by_field_name("value")
            if value is not None and any(child.type == "mutable_specifier" for child in one.children):
                between = Place(site.file.path, one.start_byte, value.start_byte)
                yield patch("lend it for reading only", 0.5, site.file.replace(between, "&"))
            return
        if one != site.node and one.type not in _BETWEEN:
            return


PLUGIN = Mend(
    codes=("E0596",),
    title="lend for reading what is not to be changed",
    cites=("docs:error_codes/E0596.html", "docs:book/ch04-02-references-and-borrowing.html"),
    examples=(
        Example(
            """
pub struct Lines<'a>(&'a [u8]);
impl<'a> Lines<'a> {
    fn skip(&mut self, text: &'a [u8]) {
        self.0 = text;
    }
    pub fn next(&mut self) {
        let text = self.0;
        self.skip(&mut text[1..]);
    }
}
""",
            """
pub struct Lines<'a>(&'a [u8]);
impl<'a> Lines<'a> {
    fn skip(&mut self, text: &'a [u8]) {
        self.0 = text;
    }
    pub fn next(&mut self) {
        let text = self.0;
        self.skip(&text[1..]);
    }
}
""",
        ),
    ),
    patches=_patches,
)
