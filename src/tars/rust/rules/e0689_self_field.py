"""Reaches a field of `self` where only its number is written: `0.len()` → `self.0.len()`."""

from collections.abc import Iterator

from tars.rust.rules_support.items import declared_type, fields, name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.types import is_number, parse_type
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    reached = next((one for one in (site.node, *ancestors(site.node)) if one.type == "field_expression"), None)
    value = reached.child_by_field_name("value") if reached is not None else None
    function = enclosing_function(site.node)
    if value is None or value.type != "integer_literal" or function is None:
        return
    own = parameters(function)
    impl = next((one for one in ancestors(function) if one.type == "impl_item"), None)
    struct = declared_type(site.context, name_of(site.file, impl)) if impl is not None else None
    number, known = site.file.text(value), dict(fields(*struct)) if struct is not None else {}
    if own and own[0].type == "self_parameter" and number in known:
        # Of a number the number itself may be meant.
        sure = 0.5 if is_number(parse_type(known[number])) else 0.85
        yield patch(f"field `{number}` of `self` is meant", sure, site.file.insert(value.start_byte, "self."))


PLUGIN = Mend(
    codes=("E0599", "E0610", "E0689"),
    title="reach a field of `self` by its number",
    cites=("docs:error_codes/E0689.html", "docs:reference/expressions/tuple-expr.html"),
    examples=(
        Example(
            """
pub trait Hook {
    fn equal(&mut self, at: usize) -> bool;
}
pub struct Replace<H>(H);
impl<H: Hook> Hook for Replace<H> {
    fn equal(&mut self, at: usize) -> bool {
        0.equal(at)
    }
}
""",
            """
pub trait Hook {
    fn equal(&mut self, at: usize) -> bool;
}
pub struct Replace<H>(H);
impl<H: Hook> Hook for Replace<H> {
    fn equal(&mut self, at: usize) -> bool {
        self.0.equal(at)
    }
}
""",
        ),
        Example(
            """
pub struct Inner {
    size: usize,
}
pub struct Outer(Inner);
impl Outer {
    pub fn size(&self) -> usize {
        0.size
    }
}
""",
            """
pub struct Inner {
    size: usize,
}
pub struct Outer(Inner);
impl Outer {
    pub fn size(&self) -> usize {
        self.0.size
    }
}
""",
        ),
        Example(
            """
pub struct Words(Vec<String>);
impl Words {
    pub fn longest(&self) -> usize {
        0.iter().map(String::len).max().unwrap_or(0)
    }
}
""",
            """
pub struct Words(Vec<String>);
impl Words {
    pub fn longest(&self) -> usize {
        self.0.iter().map(String::len).max().unwrap_or(0)
    }
}
""",
        ),
    ),
    patches=_patches,
)
