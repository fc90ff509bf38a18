"""Mends a value that is needed after a method took it: the method borrows `self`."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    taken = site.noted("takes ownership of the receiver")
    if taken is None:
        return
    file = site.file_of(taken)
    parameter = file.node_of(taken, "self_parameter")
    function = file.node_of(taken, "function_item", "function_signature_item")
    if parameter is None or function is None or file.text(parameter) not in ("self", "mut self"):
        return
    mutable = file.text(parameter) == "mut self"
    loan = "&mut self" if mutable else "&self"
    changes = [Change(place.place, loan) for place in _everywhere(site, file, function, parameter)]
    yield patch(f"take `{loan}`", 0.6 if mutable else 0.86, *changes)


def _everywhere(site: Site, file: SourceFile, function: Node, parameter: Node) -> Iterator[Change]:
    """The `self` of the method and, where it belongs to a trait, of its declaration and other implementations."""
    name = function.child_by_field_name("name")
    holder = next((one for one in ancestors(function) if one.type in ("impl_item", "trait_item")), None)
    trait = ""
    if holder is not None:
        trait = name_of(file, holder) if holder.type == "trait_item" else parse_type(trait_of(file, holder)).head
    if not trait or name is None:
        yield file.replace(parameter, "")
        return
    for other, one in items(site.context, "trait_item", "impl_item"):
        if trait == (name_of(other, one) if one.type == "trait_item" else parse_type(trait_of(other, one)).head):
            for method in other.walk("function_item", "function_signature_item", within=one):
                own = method.child_by_field_name("name")
                if own is not None and other.text(own) == file.text(name):
                    yield from (other.replace(each, "") for each in other.walk("self_parameter", within=method))


PLUGIN = Mend(
    codes=("E0382", "E0507"),
    title="borrow `self` in a method whose value is needed after the call",
    cites=("docs:error_codes/E0382.html", "docs:book/ch05-03-method-syntax.html"),
    examples=(
        Example(
            "pub struct One(u8);\n\nimpl One {\n    fn twice(self) -> u8 {\n        self.0 * 2\n    }\n}\n\n"
            "pub fn both(one: One) -> u8 {\n    one.twice() + one.twice()\n}\n",
            "pub struct One(u8);\n\nimpl One {\n    fn twice(&self) -> u8 {\n        self.0 * 2\n    }\n}\n\n"
            "pub fn both(one: One) -> u8 {\n    one.twice() + one.twice()\n}\n",
        ),
        Example(
            "pub trait Twice {\n    fn twice(self) -> u8;\n}\n\npub struct One(u8);\n\nimpl Twice for One {\n"
            "    fn twice(self) -> u8 {\n        self.0 * 2\n    }\n}\n\npub fn call(one: &One) -> u8 {\n"
            "    one.twice()\n}\n",
            "pub trait Twice {\n    fn twice(&self) -> u8;\n}\n\npub struct One(u8);\n\nimpl Twice for One {\n"
            "    fn twice(&self) -> u8 {\n        self.0 * 2\n    }\n}\n\npub fn call(one: &One) -> u8 {\n"
            "    one.twice()\n}\n",
        ),
    ),
    patches=_patches,
)
