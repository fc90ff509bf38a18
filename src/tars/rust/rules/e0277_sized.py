"""Puts trait objects that are held by value into boxes."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch

_HOLDERS = ("let_declaration", "field_declaration", "parameter", "function_item", "type_item")


def _patches(site: Site) -> Iterator[Patch]:
    yield from _borrowed(site)
    if not re.search(r"size for values of type `\(?dyn ", site.diagnostic.message):
        return
    holder = site.up(*_HOLDERS)
    if holder is None:
        return
    objects = [one for one in site.file.walk("dynamic_type", within=_written(holder)) if _is_held(one)]
    changes: list[Change] = [site.file.replace(one, f"Box<{site.file.text(one)}>") for one in objects]
    value = holder.child_by_field_name("value")
    if value is not None:
        for array in site.file.walk("array_expression", within=value):
            for element in array.named_children:
                changes.append(site.file.replace(element, f"Box::new({site.file.text(element)})"))
    if objects:
        yield patch("hold each in a box", 0.6, *changes)


def _borrowed(site: Site) -> Iterator[Patch]:
    """A text or a slice is returned as a loan, of the function's own lifetime where it has one."""
    if not re.search(r"size for values of type `(str|\[.+\])`", site.diagnostic.message):
        return
    function = site.up("function_item")
    written = function.child_by_field_name("return_type") if function else None
    if function is not None and written is not None and site.file.place(written) == site.place:
        listed = function.child_by_field_name("type_parameters")
        lifetimes = re.findall(r"'\w+", site.file.text(listed)) if listed else []
        loan = f"&{lifetimes[0]} " if lifetimes else "&"
        yield patch("return it as a loan", 0.7, site.file.insert(site.place.start, loan))
    let = site.up("let_declaration")
    value = let.child_by_field_name("value") if let else None
    if value is not None and value.type == "index_expression":
        owned = ".to_vec()" if "`[" in site.diagnostic.message else ".to_string()"
        yield patch("own a copy of it", 0.45, site.file.insert(value.end_byte, owned))


def _written(holder: Node) -> Node:
    return holder.child_by_field_name("type") or holder.child_by_field_name("return_type") or holder


def _is_held(node: Node) -> bool:
    """Whether nothing stands between the object and a collection that holds it by value."""
    parent = node.parent
    owner = parent.parent if parent is not None and parent.type == "type_arguments" else None
    name = owner.child_by_field_name("type") if owner is not None else None
    return name is not None and name.text in (b"Vec", b"VecDeque", b"HashMap", b"BTreeMap", b"Option")


PLUGIN = Mend(
    codes=("E0277",),
    title="hold trait objects in boxes",
    cites=("docs:book/ch18-02-trait-objects.html", "docs:reference/dynamically-sized-types.html"),
    examples=(
        Example(
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub struct Dot;
impl Shape for Dot {
    fn area(&self) -> f64 {
        0.0
    }
}
pub fn total() -> f64 {
    let all: Vec<dyn Shape> = vec![Dot, Dot];
    all.iter().map(|one| one.area()).sum()
}
""",
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub struct Dot;
impl Shape for Dot {
    fn area(&self) -> f64 {
        0.0
    }
}
pub fn total() -> f64 {
    let all: Vec<Box<dyn Shape>> = vec![Box::new(Dot), Box::new(Dot)];
    all.iter().map(|one| one.area()).sum()
}
""",
        ),
    ),
    patches=_patches,
)
