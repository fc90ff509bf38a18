"""Mends a function that returns one of several loans: the signature says that all of them can be returned."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import Found, name_of, parameters
from tars.rust.rules_support.lifetimes import (
    declare,
    declared,
    fresh_lifetime,
    in_scope,
    name_references,
    owner_of,
    unnamed,
)
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.signatures import declaration_in_trait, implementations
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_SUPPOSED = "was supposed to return data with lifetime"


def _patches(site: Site) -> Iterator[Patch]:
    if not any(_SUPPOSED in label.text for label in site.diagnostic.labels):
        return
    places = [one.place for one in site.diagnostic.labels if "let's call the lifetime" in one.text]
    function = site.up("function_item")
    if function is None or not places or any(place.path != site.file.path for place in places):
        return
    given = [_index(site.file, function, place.start) for place in places]
    wanted = [index for index in given if index is not None]
    if not wanted:
        return
    name = fresh_lifetime(site.file, function)
    signatures = [(site.file, function), *_alike(site, function)]
    changes = [change for file, one in signatures for change in _shared(file, one, wanted, name)]
    yield patch("all that may be returned has one lifetime", 0.72, *changes)
    for known in in_scope(site.file, function):
        if known in site.file.text(function.child_by_field_name("return_type") or function) or not declared(
            site.file, function
        ):
            one = [change for index in wanted[:1] for change in _named(site.file, function, index, known)]
            yield patch(f"take what lives for `{known}`", 0.5, *one)


def _index(file: SourceFile, function: Node, at: int) -> int | None:
    """The number of the parameter that holds a byte, `self` among them."""
    found = (number for number, one in enumerate(parameters(function)) if one.start_byte <= at < one.end_byte)
    return next(found, None)


def _alike(site: Site, function: Node) -> list[Found]:
    """The function's declaration in its trait, and the other implementations of it."""
    declaration = declaration_in_trait(site.context, site.file, function)
    if declaration is None:
        return []
    trait = owner_of(declaration[1].parent) if declaration[1].parent is not None else None
    name = name_of(site.file, function)
    others = implementations(site.context, name_of(declaration[0], trait), name) if trait is not None else ()
    return [declaration, *((file, one) for file, one in others if (file, one.id) != (site.file, function.id))]


def _shared(file: SourceFile, function: Node, wanted: list[int], name: str) -> Iterator[Change]:
    change = declare(file, function, name)
    if change is not None:
        yield change
    for index in wanted:
        yield from _named(file, function, index, name)
    returned = function.child_by_field_name("return_type")
    if returned is not None:
        yield from name_references(file, returned, name)


def _named(file: SourceFile, function: Node, index: int, name: str) -> list[Change]:
    parameter = parameters(function)[index]
    outer = next(unnamed(file, parameter), None)
    return [file.insert(outer.start_byte + 1, f"{name} ")] if outer is not None else []


PLUGIN = Mend(
    codes=("",),
    title="give all loans that a function may return one lifetime",
    cites=("docs:book/ch10-03-lifetime-syntax.html", "docs:reference/lifetime-elision.html"),
    examples=(
        Example(
            "pub struct One(String);\n\nimpl One {\n    pub fn longer(&self, other: &str) -> &str {\n"
            "        if other.len() > 1 { other } else { &self.0 }\n    }\n}\n",
            "pub struct One(String);\n\nimpl One {\n    pub fn longer<'a>(&'a self, other: &'a str) -> &'a str {\n"
            "        if other.len() > 1 { other } else { &self.0 }\n    }\n}\n",
        ),
        Example(
            "pub trait Named {\n    fn name(&self, other: &Self) -> &str;\n}\n\npub struct One(String);\n\n"
            "impl Named for One {\n    fn name(&self, other: &One) -> &str {\n        &other.0\n    }\n}\n",
            "pub trait Named {\n    fn name<'a>(&'a self, other: &'a Self) -> &'a str;\n}\n\n"
            "pub struct One(String);\n\n"
            "impl Named for One {\n    fn name<'a>(&'a self, other: &'a One) -> &'a str {\n        &other.0\n"
            "    }\n}\n",
        ),
    ),
    patches=_patches,
)
