"""Makes a trait one that objects can have: its other methods apply to sized types only; or does without an object."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import Found, declared_trait, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, delete_from_list, patch
from tars.rust.rules_support.signatures import signature_end
from tars.rust.values import Change, Example, Patch

_METHODS = ("function_signature_item", "function_item")


def _patches(site: Site) -> Iterator[Patch]:
    names = [name for name in site.words if declared_trait(site.context, name)]
    trait = declared_trait(site.context, names[0]) if names else None
    if trait is None:
        return
    changes = [*_without_sized(trait)]
    for method in trait[0].walk(*_METHODS, within=trait[1]):
        if _keeps_from_objects(trait, method) and "Self: Sized" not in trait[0].text(method):
            changes.append(_for_sized(trait, method))
    if changes:
        yield patch("let the other methods apply to sized types only", 0.6, *changes)
    yield from _static(site)


def _keeps_from_objects(trait: Found, method: Node) -> bool:
    """Whether a method needs to know the type: it takes no `self`, has type parameters, or speaks of `Self`."""
    file = trait[0]
    given = parameters(method)
    if not given or given[0].type != "self_parameter":
        return True
    generics = method.child_by_field_name("type_parameters")
    if generics is not None and any(not file.text(one).startswith("'") for one in children(generics)):
        return True
    returned = method.child_by_field_name("return_type")
    others = [file.text(one) for one in given[1:]] + ([file.text(returned)] if returned else [])
    return any(re.search(r"\bSelf\b(?!::)|\bimpl\b", text) for text in others)


def _for_sized(trait: Found, method: Node) -> Change:
    file = trait[0]
    where = next((child for child in method.children if child.type == "where_clause"), None)
    if where is not None:
        return file.insert(where.end_byte, (" " if file.text(where).endswith(",") else ", ") + "Self: Sized")
    end = signature_end(method)
    text = file.data[method.start_byte : end].decode()
    space = "" if text.endswith(" ") else " "
    tail = " " if method.child_by_field_name("body") is not None else ""
    return file.insert(end, f"{space}where Self: Sized{tail}")


def _without_sized(trait: Found) -> Iterator[Change]:
    """A trait of sized types only has no objects."""
    file, node = trait
    bounds = node.child_by_field_name("bounds")
    given = children(bounds) if bounds else []
    own = next((one for one in given if file.text(one) == "Sized"), None)
    if bounds is not None and own is not None:
        yield file.delete(bounds) if len(given) == 1 else delete_from_list(file, given, own)


def _static(site: Site) -> Iterator[Patch]:
    """A parameter `&dyn Trait`: any type that has the trait. Elsewhere: the one type that has it."""
    object_ = next((one for one in (site.node, *ancestors(site.node)) if one.type == "dynamic_type"), None)
    parameter = next((one for one in ancestors(site.node) if one.type == "parameter"), None)
    if object_ is None:
        return
    text = site.file.text(object_)
    if parameter is not None:
        any_type = "impl" + text.removeprefix("dyn")
        yield patch("take any type that has the trait", 0.4, site.file.replace(object_, any_type))
    for note in site.diagnostic.notes:
        if only := re.match(r"only type `([\w:]+)` implements", note.message):
            yield patch(f"take `{only[1]}`, the one type that has it", 0.25, site.file.replace(object_, only[1]))


PLUGIN = Mend(
    codes=("E0038",),
    title="make a trait one that objects can have",
    cites=("docs:reference/items/traits.html#dyn-compatibility", "docs:error_codes/E0038.html"),
    examples=(
        Example(
            """
pub trait Shape {
    fn area(&self) -> f64;
    fn twin(&self) -> Self;
}
pub fn total(all: &[Box<dyn Shape>]) -> f64 {
    all.iter().map(|one| one.area()).sum()
}
""",
            """
pub trait Shape {
    fn area(&self) -> f64;
    fn twin(&self) -> Self where Self: Sized;
}
pub fn total(all: &[Box<dyn Shape>]) -> f64 {
    all.iter().map(|one| one.area()).sum()
}
""",
        ),
        Example(
            """
pub trait Shape: Sized {
    fn area(&self) -> f64;
}
pub fn area(shape: &dyn Shape) -> f64 {
    shape.area()
}
""",
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub fn area(shape: &dyn Shape) -> f64 {
    shape.area()
}
""",
        ),
    ),
    patches=_patches,
)
