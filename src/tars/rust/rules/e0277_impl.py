"""Implements a trait whose members all have defaults, and what `std::error::Error` asks for."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import declared_trait, declared_type, implements, name_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.traits import after, debug_if_needed, display_impl, impl_header
from tars.rust.values import Example, Patch

_PARTS = ("function_signature_item", "associated_type", "const_item")


def _patches(site: Site) -> Iterator[Patch]:
    found = re.match(r"the trait bound `(.+?): ([\w:]+)` is not satisfied", site.diagnostic.message)
    own = declared_type(site.context, found[1]) if found and not found[1].startswith("&") else None
    if found is None or own is None:
        return
    file, node = own
    name = name_of(file, node)
    if found[2].endswith("error::Error"):
        text = "" if implements(site.context, name, "Display") else display_impl(file, node, debug=True) + "\n\n"
        derive = debug_if_needed(site.context, file, node)
        text += f"{impl_header(file, node, 'std::error::Error')} {{}}"
        yield patch(f"let `{name}` be an error", 0.55, after(file, node, text), *derive)
    trait = declared_trait(site.context, found[2])
    if trait is not None and next(trait[0].walk(*_PARTS, within=trait[1]), None) is None:
        text = f"{impl_header(file, node, found[2])} {{}}"
        yield patch(f"implement `{found[2]}`, which asks for nothing", 0.5, after(file, node, text))


PLUGIN = Mend(
    codes=("E0277",),
    title="implement a trait that asks for nothing more",
    cites=("docs:book/ch10-02-traits.html", "docs:std/error/trait.Error.html"),
    examples=(
        Example(
            """
pub trait Greet {
    fn greet(&self) -> String {
        "hello".to_string()
    }
}
pub struct Dog;
fn meet(one: impl Greet) -> String {
    one.greet()
}
pub fn walk() -> String {
    meet(Dog)
}
""",
            """
pub trait Greet {
    fn greet(&self) -> String {
        "hello".to_string()
    }
}
pub struct Dog;

impl Greet for Dog {}
fn meet(one: impl Greet) -> String {
    one.greet()
}
pub fn walk() -> String {
    meet(Dog)
}
""",
        ),
        Example(
            """
#[derive(Debug)]
pub struct Fault;
pub fn fail() -> Result<(), Box<dyn std::error::Error>> {
    Err(Box::new(Fault))
}
""",
            """
#[derive(Debug)]
pub struct Fault;

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Fault {}
pub fn fail() -> Result<(), Box<dyn std::error::Error>> {
    Err(Box::new(Fault))
}
""",
        ),
    ),
    patches=_patches,
)
