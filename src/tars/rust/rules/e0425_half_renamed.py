"""Ends a renaming of a function, method or type that was done by half: the crate declares one that nothing uses."""

from collections.abc import Iterator
from pathlib import PurePath

from tree_sitter import Node

from tars.rust.rules_support.items import TYPES, Found, attributes, items, name_of, parameters, trait_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.renames import is_unused, last_segment, missing_places, renamed_places
from tars.rust.rules_support.types import parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch

_CODES = ("E0412", "E0425", "E0432", "E0433", "E0599")
_CANDIDATES_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    place = last_segment(site.file, site.place)
    name = site.file.text(place)
    if not name.isidentifier():
        return
    owner = parse_type(site.words[-1]).peeled.head if site.diagnostic.code == "E0599" and site.words else ""
    places = missing_places(site, _CODES, name, owner)
    if place != next(iter(places), None):
        # The first place speaks for all.
        return
    found = [one for one in _declared(site, name, owner) if is_unused(site.context, name_of(*one))]
    found = [one for one in found if _fits(site, one[1])]
    module = _module(site)
    found = ([one for one in found if _lies_in(*one, module)] or found)[:_CANDIDATES_MAX]
    everywhere = "" if len(places) == 1 else f", in all {len(places)} places"
    for file, item in found:
        sure = 0.55 if len(found) == 1 else 0.35
        declared = name_of(file, item)
        changes = renamed_places(site, places, declared)
        yield patch(f"it is called `{declared}`, which nothing uses yet{everywhere}", sure, *changes)
    if len(found) == 1:
        file, item = found[0]
        own = item.child_by_field_name("name")
        if own is not None:
            reason = f"call `{file.text(own)}`, which nothing uses, `{name}`"
            yield patch(reason, 0.5 if len(places) > 1 else 0.4, file.replace(own, name))


def _declared(site: Site, name: str, owner: str) -> Iterator[Found]:
    """What may be meant: of a type its own functions, else types or functions, as the name is written."""
    if owner:
        for file, impl in items(site.context, "impl_item", name=owner):
            if not trait_of(file, impl):
                body = impl.child_by_field_name("body")
                yield from ((file, one) for one in (children(body, "function_item") if body is not None else ()))
    elif name[:1].isupper():
        yield from items(site.context, *TYPES, "trait_item", "type_item")
    else:
        for file, function in items(site.context, "function_item"):
            around = (one.type for one in ancestors(function))
            tested = any("test" in file.text(one) for one in attributes(function))
            if not tested and name_of(file, function) != "main" and not {"impl_item", "trait_item"} & set(around):
                yield file, function


def _fits(site: Site, item: Node) -> bool:
    """Whether a function takes as many arguments as it is given."""
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call is not None else None
    given = call.child_by_field_name("arguments") if call is not None else None
    if item.type != "function_item" or function is None or given is None or function.end_byte != site.place.end:
        return True
    taken = parameters(item)
    method = function.type == "field_expression"
    if method and not (taken and taken[0].type == "self_parameter"):
        return False
    return len(children(given)) == len(taken) - method


def _module(site: Site) -> str:
    """The name before the one that is missing, in its path or import."""
    path = site.up("scoped_identifier", "scoped_type_identifier", "scoped_use_list")
    before = path.child_by_field_name("path") if path is not None else None
    return site.file.text(before).rpartition("::")[2] if before is not None else ""


def _lies_in(file: SourceFile, item: Node, module: str) -> bool:
    own = next((one for one in ancestors(item) if one.type == "mod_item"), None)
    if own is not None:
        return name_of(file, own) == module
    return module in (PurePath(file.path).stem, PurePath(file.path).parent.name)


PLUGIN = Mend(
    codes=_CODES,
    title="end the renaming of a function, method or type",
    cites=("docs:error_codes/E0425.html", "docs:error_codes/E0599.html", "docs:error_codes/E0432.html"),
    examples=(
        Example(
            """
pub struct Circle(f64);
impl Circle {
    fn surface(&self) -> f64 {
        3.0 * self.0 * self.0
    }
}
pub fn total(all: &[Circle]) -> f64 {
    all.iter().map(|one| one.area()).sum()
}
pub fn widest(all: &[Circle]) -> f64 {
    all.iter().map(|one| one.area()).fold(0.0, f64::max)
}
""",
            """
pub struct Circle(f64);
impl Circle {
    fn surface(&self) -> f64 {
        3.0 * self.0 * self.0
    }
}
pub fn total(all: &[Circle]) -> f64 {
    all.iter().map(|one| one.surface()).sum()
}
pub fn widest(all: &[Circle]) -> f64 {
    all.iter().map(|one| one.surface()).fold(0.0, f64::max)
}
""",
        ),
        Example(
            """
mod measures {
    pub fn length_of(text: &str) -> usize {
        text.len()
    }
}
use measures::size_of_it;
pub fn longer(one: &str, other: &str) -> bool {
    size_of_it(one) > size_of_it(other)
}
""",
            """
mod measures {
    pub fn size_of_it(text: &str) -> usize {
        text.len()
    }
}
use measures::size_of_it;
pub fn longer(one: &str, other: &str) -> bool {
    size_of_it(one) > size_of_it(other)
}
""",
        ),
        Example(
            """
pub struct Round(pub f64);
pub fn radius(of: &Disc) -> f64 {
    of.0
}
pub fn unit() -> Disc {
    Disc(1.0)
}
""",
            """
pub struct Round(pub f64);
pub fn radius(of: &Round) -> f64 {
    of.0
}
pub fn unit() -> Round {
    Round(1.0)
}
""",
        ),
        Example(
            """
pub enum Round {
    Small,
}
pub fn made() {
    let _ = Disc::Small;
}
""",
            """
pub enum Round {
    Small,
}
pub fn made() {
    let _ = Round::Small;
}
""",
        ),
    ),
    patches=_patches,
)
