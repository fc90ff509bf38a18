"""Says that a method returns `Self` where its body gives a value of the type that it belongs to.

The compiler names the type with lifetimes left out, which is another one: `Line<'_>` for `Line<'a>`.
"""

from collections.abc import Iterator

from tars.rust.rules_support.items import name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.signatures import signature_end
from tars.rust.rules_support.types import UNIT, mismatch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    function = enclosing_function(site.node)
    impl = next((one for one in ancestors(function) if one.type == "impl_item"), None) if function is not None else None
    if types is None or function is None or impl is None or types.wanted != UNIT:
        return
    body, listed = function.child_by_field_name("body"), function.child_by_field_name("parameters")
    inner = body.named_children if body is not None else []
    ends = bool(inner) and inner[-1].end_byte == site.place.end
    if listed is None or not ends or function.child_by_field_name("return_type") is not None:
        return
    if (
        types.found.head == name_of(site.file, impl)
        and not site.file.data[listed.end_byte : signature_end(function)].strip()
    ):
        yield patch("return `Self`", 0.97, site.file.insert(listed.end_byte, " -> Self"))


PLUGIN = Mend(
    codes=("E0308",),
    title="say that a method returns `Self`",
    cites=("docs:error_codes/E0308.html", "docs:reference/paths.html#self-1"),
    examples=(
        Example(
            """
pub struct Line<'a> {
    text: &'a str,
    end: &'a str,
}
impl<'a> Line<'a> {
    pub fn new(text: &'a str) -> Self {
        Line { text, end: "" }
    }
    pub fn ended(self, end: &'static str) {
        Line { end, ..self }
    }
    pub fn whole(&self) -> String {
        format!("{}{}", self.text, self.end)
    }
}
pub fn shown(text: &str) -> String {
    Line::new(text).ended(".").whole()
}
""",
            """
pub struct Line<'a> {
    text: &'a str,
    end: &'a str,
}
impl<'a> Line<'a> {
    pub fn new(text: &'a str) -> Self {
        Line { text, end: "" }
    }
    pub fn ended(self, end: &'static str) -> Self {
        Line { end, ..self }
    }
    pub fn whole(&self) -> String {
        format!("{}{}", self.text, self.end)
    }
}
pub fn shown(text: &str) -> String {
    Line::new(text).ended(".").whole()
}
""",
        ),
    ),
    patches=_patches,
)
