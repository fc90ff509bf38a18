"""Writes `::` for `.` behind a type, and leaves a field out that there is not."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    access = site.up("field_expression")
    value = access.child_by_field_name("value") if access is not None else None
    field = access.child_by_field_name("field") if access is not None else None
    if access is None or value is None or field is None:
        return
    between = Place(site.file.path, value.end_byte, field.start_byte)
    at_value = value.start_byte == site.place.start and value.end_byte == site.place.end
    if site.diagnostic.code == "" and at_value and site.text[:1].isupper():
        yield patch("name a function of the type", 0.8, site.file.replace(between, "::"))
    if site.diagnostic.code in ("E0609", "E0610") and field.start_byte == site.place.start:
        rest = Place(site.file.path, value.end_byte, access.end_byte)
        yield patch("take the value, which has no such field", 0.2 + 0.25 * site.text.isdigit(), site.file.delete(rest))


PLUGIN = Mend(
    codes=("", "E0609", "E0610"),
    title="write `::` behind a type, and no field that there is not",
    cites=("docs:reference/paths.html", "docs:reference/expressions/field-expr.html"),
    examples=(
        Example(
            """
pub struct Text {
    bytes: Vec<u8>,
}
impl Text {
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
    pub fn empty(&self) -> bool {
        Self.size(self) == 0
    }
}
""",
            """
pub struct Text {
    bytes: Vec<u8>,
}
impl Text {
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
    pub fn empty(&self) -> bool {
        Self::size(self) == 0
    }
}
""",
        ),
        Example(
            """
pub fn behind(text: &[u8], at: usize) -> &[u8] {
    text.split_at(at).1.0
}
""",
            """
pub fn behind(text: &[u8], at: usize) -> &[u8] {
    text.split_at(at).1
}
""",
        ),
        Example(
            """
pub fn next(number: u8) -> u8 {
    number.0 + 1
}
""",
            """
pub fn next(number: u8) -> u8 {
    number + 1
}
""",
        ),
    ),
    patches=_patches,
)
