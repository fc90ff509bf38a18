"""Implements a trait whose members all have defaults, and what `std::error::Error` asks for."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import Found, declared_trait, declared_type, implements, name_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.methods import missing_method
from tars.rust.rules_support.traits import after, debug_if_needed, display_impl, impl_header
from tars.rust.values import Example, Patch

_PARTS = ("function_signature_item", "associated_type", "const_item")


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0599":
        yield from _by_method(site)
        return
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
    yield from _empty(site, own, found[2])


def _empty(site: Site, own: Found, trait: str) -> Iterator[Patch]:
    declared = declared_trait(site.context, trait)
    if declared is not None and next(declared[0].walk(*_PARTS, within=declared[1]), None) is None:
        text = f"{impl_header(*own, trait)} {{}}"
        yield patch(f"implement `{trait}`, which asks for nothing", 0.5, after(*own, text))


def _by_method(site: Site) -> Iterator[Patch]:
    """The method that is missing belongs to a trait that the type could have for nothing."""
    missing = missing_method(site)
    own = declared_type(site.context, str(missing.type.peeled)) if missing else None
    for note in site.diagnostic.notes:
        found = re.match(r"`([\w:]+)` defines an item `\w+`, perhaps you need to implement it", note.message)
        if found and own is not None:
            yield from _empty(site, own, found[1])


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
