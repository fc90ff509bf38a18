"""Borrows the value that a constant function would have to drop: `const fn is_none(&self)`."""

from collections.abc import Iterator

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    function = site.up("function_item")
    for one in parameters(function) if function is not None else ():
        if not one.start_byte <= site.place.start < one.end_byte:
            continue
        type_ = one.child_by_field_name("type")
        if one.type == "self_parameter" and site.file.text(one) == "self":
            yield patch("borrow the value that it is called on", 0.8, site.file.insert(one.start_byte, "&"))
        elif type_ is not None and type_.type != "reference_type":
            yield patch("borrow what it is given", 0.4, site.file.insert(type_.start_byte, "&"))


PLUGIN = Mend(
    codes=("E0493",),
    title="borrow what a constant function would have to drop",
    cites=("docs:error_codes/E0493.html", "docs:reference/const_eval.html#const-functions"),
    examples=(
        Example(
            """
pub enum Found<T> {
    One(T),
    None,
}
impl<T> Found<T> {
    pub const fn is_none(self) -> bool {
        matches!(self, Self::None)
    }
}
""",
            """
pub enum Found<T> {
    One(T),
    None,
}
impl<T> Found<T> {
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}
""",
        ),
    ),
    patches=_patches,
)
