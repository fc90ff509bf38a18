"""Mends a method whose lifetimes are not those of its trait: they are written as the trait has them."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.lifetimes import in_scope, name_references
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.signatures import adopted, declaration_in_trait
from tars.rust.values import Example, Patch

_EXPECTED = re.compile(r"expected `fn\(.*\) -> (?P<returned>.*)`")


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code != "E0195" and "signature doesn't match" not in site.diagnostic.message:
        return
    function = site.up("function_item")
    if function is None:
        return
    declaration = declaration_in_trait(site.context, site.file, function)
    change = adopted(site.file, function, declaration) if declaration is not None else None
    if change is not None:
        yield patch("take over the trait's signature", 0.82, change)
        return
    yield from _returned(site, function)


def _returned(site: Site, function: Node) -> Iterator[Patch]:
    """The lifetime that the trait has in what is returned, where the trait is not of this crate."""
    texts = [label.text for label in site.diagnostic.labels]
    found = next((one for text in texts if (one := _EXPECTED.match(text))), None)
    returned = function.child_by_field_name("return_type")
    if found is None or returned is None:
        return
    for name in in_scope(site.file, function):
        if name in found["returned"]:
            changes = name_references(site.file, returned, name)
            if changes:
                yield patch(f"return what lives for `{name}`", 0.82, *changes)


PLUGIN = Mend(
    codes=("E0195", ""),
    title="write a method's lifetimes as its trait has them",
    cites=("docs:error_codes/E0195.html", "docs:reference/items/implementations.html#trait-implementations"),
    examples=(
        Example(
            "pub trait Pair {\n    fn pair<'a, 'b: 'a>(x: &'a str, y: &'b str);\n}\n\npub struct One;\n\n"
            "impl Pair for One {\n    fn pair<'a, 'b>(x: &'a str, y: &'b str) {}\n}\n",
            "pub trait Pair {\n    fn pair<'a, 'b: 'a>(x: &'a str, y: &'b str);\n}\n\npub struct One;\n\n"
            "impl Pair for One {\n    fn pair<'a, 'b: 'a>(x: &'a str, y: &'b str) {}\n}\n",
        ),
        Example(
            "pub struct Each<'a>(&'a [u8]);\n\nimpl<'a> Iterator for Each<'a> {\n    type Item = &'a u8;\n\n"
            "    fn next(&mut self) -> Option<&u8> {\n        self.0.first()\n    }\n}\n",
            "pub struct Each<'a>(&'a [u8]);\n\nimpl<'a> Iterator for Each<'a> {\n    type Item = &'a u8;\n\n"
            "    fn next(&mut self) -> Option<&'a u8> {\n        self.0.first()\n    }\n}\n",
        ),
    ),
    patches=_patches,
)
