"""Gives an inner item the generic parameter of the item around it, with its bounds; `Self` becomes the type's name."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.names import mentions
from tars.rust.values import Change, Example, Patch

_ITEMS = ("function_item", "struct_item", "enum_item", "type_item", "trait_item", "impl_item", "union_item")


def _patches(site: Site) -> Iterator[Patch]:
    inner = next((one for one in ancestors(site.node) if one.type in _ITEMS), None)
    if inner is None:
        return
    if site.text == "Self":
        impl = next((one for one in ancestors(inner) if one.type == "impl_item"), None)
        subject = impl.child_by_field_name("type") if impl else None
        if subject is not None:
            yield patch("name the type for `Self`", 0.7, site.file.replace(site.place, site.file.text(subject)))
        return
    outer = next((one for one in ancestors(inner) if one.type in _ITEMS), None)
    declared = _parameter(site, outer, site.text)
    if outer is None or declared is None:
        return
    bounds = [
        site.file.text(one)
        for clause in children(outer, "where_clause")
        for one in children(clause)
        if mentions(site.file, one, site.text)
    ]
    yield from _given(site, inner, outer, declared, bounds)


def _parameter(site: Site, outer: Node | None, name: str) -> str | None:
    """The outer parameter as it is declared: `T: Display`, `const N: usize`."""
    listed = outer.child_by_field_name("type_parameters") if outer else None
    for one in children(listed) if listed is not None else ():
        own = one.child_by_field_name("name")
        if own is not None and site.file.text(own) == name:
            return site.file.text(one)
    return None


def _given(site: Site, inner: Node, outer: Node, declared: str, bounds: list[str]) -> Iterator[Patch]:
    name = inner.child_by_field_name("name")
    listed = inner.child_by_field_name("type_parameters")
    if inner.type == "impl_item" or name is None:
        return
    bare = inner.type == "type_item"
    text = declared.partition(":")[0].partition("=")[0].strip() if bare and "const" not in declared else declared
    end = listed.end_byte - 1 if listed is not None else name.end_byte
    changes = [site.file.insert(end, f", {text}" if listed is not None else f"<{text}>")]
    if bounds and inner.type == "function_item" and not children(inner, "where_clause"):
        body = inner.child_by_field_name("body")
        if body is not None:
            changes.append(site.file.insert(body.start_byte, f"where {', '.join(bounds)} "))
    used = _uses(site, inner, outer)
    if inner.type == "function_item":
        yield patch(f"give the inner function its own `{site.text}`", 0.72, *changes)
        return
    yield patch(f"give `{name_of(site.file, inner)}` a parameter `{site.text}`", 0.7, *changes, *used)


def _uses(site: Site, inner: Node, outer: Node) -> list[Change]:
    """The type's uses as a type take the parameter, too; where values are made it is inferred."""
    body = outer.child_by_field_name("body")
    found: list[Change] = []
    for place in mentions(site.file, body, name_of(site.file, inner)) if body is not None else ():
        node = site.file.node_at(place)
        around = node.parent
        if inner.start_byte <= place.start < inner.end_byte or around is None:
            continue
        takes = node.type == "type_identifier" and around.type not in ("generic_type", "struct_expression")
        if takes and around.type == "impl_item":
            head = next((child for child in around.children if child.type == "impl"), None)
            if head is not None and around.child_by_field_name("type_parameters") is None:
                found.append(site.file.insert(head.end_byte, f"<{site.text}>"))
        if takes:
            found.append(site.file.insert(place.end, f"<{site.text}>"))
    return found


PLUGIN = Mend(
    codes=("E0401",),
    title="give an inner item the parameter of the outer one",
    cites=("docs:error_codes/E0401.html", "docs:reference/items/generics.html"),
    examples=(
        Example(
            """
use std::fmt::Display;
pub fn show<T: Display>(one: T) -> String {
    fn text(of: T) -> String {
        of.to_string()
    }
    text(one)
}
""",
            """
use std::fmt::Display;
pub fn show<T: Display>(one: T) -> String {
    fn text<T: Display>(of: T) -> String {
        of.to_string()
    }
    text(one)
}
""",
        ),
        Example(
            """
pub fn keep<T: Clone>(one: T) -> T {
    struct Kept {
        value: T,
    }
    let kept: Kept = Kept { value: one };
    kept.value
}
""",
            """
pub fn keep<T: Clone>(one: T) -> T {
    struct Kept<T: Clone> {
        value: T,
    }
    let kept: Kept<T> = Kept { value: one };
    kept.value
}
""",
        ),
        Example(
            """
pub struct Point(pub i32);
impl Point {
    pub fn double(&self) -> Point {
        fn twice(of: &Self) -> i32 {
            of.0 * 2
        }
        Point(twice(self))
    }
}
""",
            """
pub struct Point(pub i32);
impl Point {
    pub fn double(&self) -> Point {
        fn twice(of: &Point) -> i32 {
            of.0 * 2
        }
        Point(twice(self))
    }
}
""",
        ),
    ),
    patches=_patches,
)
