"""Mends types of trait objects: several traits in one, and associated types that are left open."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Change, Example, Patch

_AUTO = frozenset({"Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe"})


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0225":
        yield from _joined(site)
    elif site.diagnostic.code == "E0191":
        yield from _specified(site)


def _joined(site: Site) -> Iterator[Patch]:
    """`dyn A + B`: a trait of one's own that asks for both."""
    object_ = site.up("dynamic_type", "bounded_type")
    outer = object_
    while (
        object_ is not None and object_.parent is not None and object_.parent.type in ("bounded_type", "dynamic_type")
    ):
        object_ = outer = object_.parent
    item = next((one for one in ancestors(outer) if _is_item(one)), None) if outer else None
    if outer is None or item is None:
        return
    bounds = [one.strip() for one in re.sub(r"^dyn\s+", "", site.file.text(outer)).split("+")]
    traits = [one for one in bounds if not one.startswith("'") and one not in _AUTO]
    rest = "".join(f" + {one}" for one in bounds if one not in traits)
    name = "".join(re.sub(r"\W", "", parse_type(one).head) for one in traits)
    both = " + ".join(traits)
    indent = site.file.indent(item.start_byte)
    text = f"trait {name}: {both} {{}}\n{indent}impl<T: {both} + ?Sized> {name} for T {{}}\n\n{indent}"
    yield patch(
        f"ask for both in a trait `{name}`", 0.55,
        site.file.insert(item.start_byte, text), site.file.replace(outer, f"dyn {name}{rest}"),
    )  # fmt: skip


def _is_item(node: Node) -> bool:
    return node.parent is not None and node.parent.type in ("source_file", "declaration_list") and "item" in node.type


def _specified(site: Site) -> Iterator[Patch]:
    """The associated types of a trait object: as the implementations of the trait have them."""
    names = [name for name in site.words if not name[0].islower()]
    if not names:
        return
    *missing, trait = names
    trait = parse_type(trait).head
    missing = [one.rpartition("::")[2] for one in missing]
    given: dict[str, list[str]] = {}
    for file, impl in items(site.context, "impl_item"):
        if parse_type(trait_of(file, impl)).head == trait:
            for one in file.walk("associated_type", "type_item", within=impl):
                type_ = one.child_by_field_name("type")
                if type_ is not None:
                    given.setdefault(name_of(file, one), []).append(file.text(type_))
    values = [f"{name} = {given[name][0] if name in given else '()'}" for name in missing]
    known = all(name in given and len(set(given[name])) == 1 for name in missing)
    text = site.text
    inner = re.fullmatch(r"(.+)<(.*)>", text, re.S)
    new = f"{inner[1]}<{inner[2]}, {', '.join(values)}>" if inner else f"{text}<{', '.join(values)}>"
    yield patch(f"say what {', '.join(missing)} is", 0.5 if known else 0.15, Change(site.place, new))


PLUGIN = Mend(
    codes=("E0191", "E0225"),
    title="write a trait object that can be",
    cites=("docs:reference/types/trait-object.html", "docs:error_codes/E0225.html"),
    examples=(
        Example(
            """
pub trait Shelf {
    type Book;
    fn first(&self) -> Self::Book;
}
impl Shelf for u8 {
    type Book = u8;
    fn first(&self) -> u8 {
        *self
    }
}
pub fn look(_: &dyn Shelf) {}
""",
            """
pub trait Shelf {
    type Book;
    fn first(&self) -> Self::Book;
}
impl Shelf for u8 {
    type Book = u8;
    fn first(&self) -> u8 {
        *self
    }
}
pub fn look(_: &dyn Shelf<Book = u8>) {}
""",
        ),
        Example(
            """
use std::fmt::{Debug, Display};
pub fn show(one: Box<dyn Debug + Display>) -> String {
    format!("{one} {one:?}")
}
""",
            """
use std::fmt::{Debug, Display};
trait DebugDisplay: Debug + Display {}
impl<T: Debug + Display + ?Sized> DebugDisplay for T {}

pub fn show(one: Box<dyn DebugDisplay>) -> String {
    format!("{one} {one:?}")
}
""",
        ),
    ),
    patches=_patches,
)
