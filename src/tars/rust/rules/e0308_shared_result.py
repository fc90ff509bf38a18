"""Returns a loan to be read where a method that borrows its value to be read says that it may be written to."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    if not any(one.primary and one.text == "types differ in mutability" for one in site.diagnostic.labels):
        return
    function = site.up("function_item")
    returned = function.child_by_field_name("return_type") if function is not None else None
    if function is None or returned is None or site.label("because of return type") is None:
        return
    if any(re.search(r"&\s*('\w+\s+)?mut\b", site.file.text(one)) for one in parameters(function)):
        return
    for one in site.file.walk("reference_type", within=returned):
        for child in one.children:
            if child.type == "mutable_specifier":
                end = child.next_sibling.start_byte if child.next_sibling is not None else child.end_byte
                place = Place(site.file.path, child.start_byte, end)
                yield patch("return a loan to be read", 0.85, site.file.delete(place))
                return


PLUGIN = Mend(
    codes=("E0308",),
    title="return a loan to be read",
    cites=("docs:error_codes/E0308.html", "docs:book/ch04-02-references-and-borrowing.html"),
    examples=(
        Example(
            """
pub struct Line(String);
impl Line {
    pub fn text(&self) -> &mut str {
        &self.0
    }
}
pub fn same(one: &Line, other: Option<&str>) -> bool {
    Some(one.text()) == other
}
""",
            """
pub struct Line(String);
impl Line {
    pub fn text(&self) -> &str {
        &self.0
    }
}
pub fn same(one: &Line, other: Option<&str>) -> bool {
    Some(one.text()) == other
}
""",
        ),
    ),
    patches=_patches,
)
