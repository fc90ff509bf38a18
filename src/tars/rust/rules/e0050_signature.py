"""Gives a method of an `impl` the signature that its trait declares."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import Found, name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.signatures import (
    add_parameters,
    adopted,
    declaration_in_trait,
    drop_parameter,
    implementations,
    uses,
)
from tars.rust.values import Change, Example, Patch, Place

_OWN = ("self_parameter", "parameter")


def _patches(site: Site) -> Iterator[Patch]:
    function = site.up("function_item")
    if function is None:
        function = next((one for one in site.file.walk("function_item", within=site.node)), None)
    declared = declaration_in_trait(site.context, site.file, function) if function else None
    if function is not None and declared is None:
        yield from _of_another_crate(site, function)
    if function is None or declared is None:
        return
    yield from _here(site, function, declared)
    change = adopted(declared[0], declared[1], (site.file, function))
    trait = next((one for one in _around(declared[1]) if one.type == "trait_item"), None)
    others = (
        list(implementations(site.context, name_of(declared[0], trait), name_of(site.file, function))) if trait else []
    )
    if change is not None and len(others) == 1 and declared[1].type == "function_signature_item":
        yield patch("declare in the trait what the implementation has", 0.25, change)


def _of_another_crate(site: Site, function: Node) -> Iterator[Patch]:
    """The compiler says which `self` a trait declares whose text is not here."""
    listed = function.child_by_field_name("parameters")
    said = re.search(r"has a `(&?(?:mut )?self)` declaration in the trait", site.diagnostic.message)
    if site.diagnostic.code == "E0186" and listed is not None and said is not None:
        text = said[1] + (", " if parameters(function) else "")
        yield patch("take `self`, as the trait has it", 0.75, site.file.insert(listed.start_byte + 1, text))


def _around(node: Node) -> Iterator[Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def _here(site: Site, function: Node, declared: Found) -> Iterator[Patch]:
    """The `impl` follows its trait."""
    body = function.child_by_field_name("body")
    own, theirs = parameters(function), parameters(declared[1])
    code = site.diagnostic.code
    if body is None:
        return
    if code == "E0185" and own and own[0].type == "self_parameter":
        unused = uses(site.file, body, "self") == 0
        if unused:
            yield patch("take no `self`, as the trait has it", 0.6, drop_parameter(site.file, function, own[0]))
        listed = declared[1].child_by_field_name("parameters")
        if listed is not None:
            comma = ", " if theirs else ""
            text = site.file.text(own[0]) + comma
            sure = 0.4 if unused else 0.6
            yield patch("let the trait take `self` too", sure, declared[0].insert(listed.start_byte + 1, text))
    elif code == "E0186" and theirs and theirs[0].type == "self_parameter":
        listed = function.child_by_field_name("parameters")
        if listed is not None:
            text = declared[0].text(theirs[0]) + (", " if own else "")
            yield patch("take `self`, as the trait has it", 0.7, site.file.insert(listed.start_byte + 1, text))
    elif code == "E0050" and len(own) < len(theirs):
        missing = [declared[0].text(one) for one in theirs[len(own) :]]
        named = [one if one.startswith("_") else f"_{one}" for one in missing]
        change = add_parameters(site.file, function, named)
        if change is not None:
            yield patch("take the parameters that the trait declares", 0.6, change)
    elif code == "E0050":
        yield from _fewer(site, function, body, len(own) - len(theirs))
    else:
        change = adopted(site.file, function, declared)
        if change is not None:
            yield patch("take over the trait's signature", 0.6, change)


def _fewer(site: Site, function: Node, body: Node, surplus: int) -> Iterator[Patch]:
    own = [one for one in parameters(function) if one.type == "parameter"]
    unused = [one for one in own if uses(site.file, body, _name(site, one)) == 0]
    if surplus == 1 and unused:
        yield patch("take no more than the trait declares", 0.55, drop_parameter(site.file, function, unused[-1]))
    elif 0 < surplus <= len(unused) and unused[-surplus:] == own[-surplus:]:
        before = parameters(function)[-surplus - 1] if len(parameters(function)) > surplus else None
        start = before.end_byte if before else own[0].start_byte
        end = own[-1].end_byte
        change = Change(Place(site.file.path, start, end), "")
        yield patch("take no more than the trait declares", 0.5, change)


def _name(site: Site, parameter: Node) -> str:
    pattern = parameter.child_by_field_name("pattern")
    return site.file.text(pattern).removeprefix("mut ") if pattern else ""


PLUGIN = Mend(
    codes=("E0049", "E0050", "E0185", "E0186"),
    title="give the method the signature that its trait declares",
    cites=("docs:error_codes/E0050.html", "docs:reference/items/implementations.html"),
    examples=(
        Example(
            """
pub struct Flag(bool);
impl Clone for Flag {
    fn clone() -> Self {
        Flag(self.0)
    }
}
""",
            """
pub struct Flag(bool);
impl Clone for Flag {
    fn clone(&self) -> Self {
        Flag(self.0)
    }
}
""",
        ),
        Example(
            """
pub trait Show {
    fn show<T: ToString>(&self, other: T) -> String;
}
pub struct Plain;
impl Show for Plain {
    fn show(&self, thing: u8) -> String {
        thing.to_string()
    }
}
""",
            """
pub trait Show {
    fn show<T: ToString>(&self, other: T) -> String;
}
pub struct Plain;
impl Show for Plain {
    fn show<T: ToString>(&self, thing: T) -> String {
        thing.to_string()
    }
}
""",
        ),
        Example(
            """
pub trait Area {
    fn area(&self, scale: f64, round: bool) -> f64;
}
pub struct Dot;
impl Area for Dot {
    fn area(&self, scale: f64) -> f64 {
        scale
    }
}
""",
            """
pub trait Area {
    fn area(&self, scale: f64, round: bool) -> f64;
}
pub struct Dot;
impl Area for Dot {
    fn area(&self, scale: f64, _round: bool) -> f64 {
        scale
    }
}
""",
        ),
        Example(
            """
pub trait Make {
    fn make() -> u8;
}
pub struct Nine;
impl Make for Nine {
    fn make(&self) -> u8 {
        9
    }
}
""",
            """
pub trait Make {
    fn make() -> u8;
}
pub struct Nine;
impl Make for Nine {
    fn make() -> u8 {
        9
    }
}
""",
        ),
        Example(
            """
pub trait Ready {
    fn ready(&self) -> bool;
}
pub struct Gate;
impl Ready for Gate {
    fn ready() -> bool {
        true
    }
}
""",
            """
pub trait Ready {
    fn ready(&self) -> bool;
}
pub struct Gate;
impl Ready for Gate {
    fn ready(&self) -> bool {
        true
    }
}
""",
        ),
    ),
    patches=_patches,
)
