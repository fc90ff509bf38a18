"""Mends the type of `self`: of the type itself, borrowed, or what a call of an object can hand over."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, name_of, parameters, trait_of
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.rules_support.signatures import uses
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0161":
        yield from _of_object(site)
        return
    function = site.up("function_item", "function_signature_item")
    own = parameters(function)[0] if function and parameters(function) else None
    if function is None or own is None:
        return
    type_ = site.text
    text = "&mut self" if type_.startswith("&mut") else "&self" if type_.startswith(("&", "impl")) else "self"
    generic = _generic(site, function, type_)
    texts = ("&self", "self") if generic is not None else (text, "&self" if text == "self" else "self")
    for number, written in enumerate(texts):
        changes = [site.file.replace(own, written), *([generic] if generic else [])]
        yield patch(f"take `{written}`", 0.6 - 0.2 * number, *changes)


def _generic(site: Site, function: Node, name: str) -> Change | None:
    """The parameter of the function that only `self` used, left out."""
    listed = function.child_by_field_name("type_parameters")
    body = function.child_by_field_name("body")
    for one in children(listed) if listed else ():
        if listed is not None and re.match(rf"{re.escape(name)}\b", site.file.text(one)):
            if body is not None and uses(site.file, body, name):
                return None
            given = children(listed)
            return site.file.delete(listed) if len(given) == 1 else delete_from_list(site.file, given, one)
    return None


def _of_object(site: Site) -> Iterator[Patch]:
    """A method of an object that takes `self` by value, which has no known size: it borrows, everywhere."""
    object_ = re.search(r"`dyn (\w+)", site.diagnostic.message)
    call = site.up("call_expression")
    access = call.child_by_field_name("function") if call else None
    field = access.child_by_field_name("field") if access else None
    if object_ is None or field is None:
        return
    method = site.file.text(field)
    changes: list[Change] = []
    for file, holder in items(site.context, "trait_item", "impl_item"):
        named = name_of(file, holder) if holder.type == "trait_item" else parse_type(trait_of(file, holder)).head
        for function in file.walk("function_item", "function_signature_item", within=holder):
            given = parameters(function)
            if named == object_[1] and name_of(file, function) == method and given and file.text(given[0]) == "self":
                changes.append(file.replace(given[0], "&self"))
    if changes:
        yield patch(f"let `{method}` borrow `self`", 0.5, *changes)


PLUGIN = Mend(
    codes=("E0161", "E0307", "E0801"),
    title="take `self` as it can be taken",
    cites=("docs:reference/items/associated-items.html#methods", "docs:error_codes/E0307.html"),
    examples=(
        Example(
            """
pub trait Speak {
    fn speak(self);
}
impl Speak for u8 {
    fn speak(self) {}
}
pub fn all(one: Box<dyn Speak>) {
    one.speak();
}
""",
            """
pub trait Speak {
    fn speak(&self);
}
impl Speak for u8 {
    fn speak(&self) {}
}
pub fn all(one: Box<dyn Speak>) {
    one.speak();
}
""",
        ),
        Example(
            "pub struct Dog;\nimpl Dog {\n    pub fn speak(self: &u8) {}\n}\n",
            "pub struct Dog;\nimpl Dog {\n    pub fn speak(&self) {}\n}\n",
        ),
        Example(
            """
pub struct Dog;
impl Dog {
    pub fn speak<R: std::ops::Deref<Target = Self>>(self: R) {}
}
""",
            """
pub struct Dog;
impl Dog {
    pub fn speak(&self) {}
}
""",
        ),
    ),
    patches=_patches,
)
