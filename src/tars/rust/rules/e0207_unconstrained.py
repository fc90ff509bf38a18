"""Mends parameters of an `impl` that nothing in it determines: they belong to its methods, to its type, or nowhere."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_type, fields, name_of
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.rules_support.signatures import uses
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    impl = site.up("impl_item")
    listed = impl.child_by_field_name("type_parameters") if impl else None
    body = impl.child_by_field_name("body") if impl else None
    type_ = impl.child_by_field_name("type") if impl else None
    if impl is None or listed is None or body is None or type_ is None:
        return
    own = next((one for one in children(listed) if one.start_byte <= site.place.start < one.end_byte), None)
    if own is None:
        return
    name = site.text.removeprefix("const ").partition(":")[0].strip()
    text = site.file.text(own)
    without = _without(site.file, listed, own)
    users = [one for one in children(body) if uses(site.file, one, name)]
    if not users:
        yield patch(f"do without `{name}`, which nothing uses", 0.65, without)
    elif impl.child_by_field_name("trait") is None and all(one.type == "function_item" for one in users):
        changes = [_with(site.file, one, text) for one in users]
        yield patch(f"let the methods be generic over `{name}`", 0.65, without, *changes)
    if users:
        yield from _type_too(site, impl, type_, name)


def _without(file: SourceFile, listed: Node, own: Node) -> Change:
    given = children(listed)
    if len(given) == 1:
        return file.delete(listed)
    return delete_from_list(file, given, own)


def _with(file: SourceFile, function: Node, text: str) -> Change:
    listed = function.child_by_field_name("type_parameters")
    name = function.child_by_field_name("name")
    if listed is not None and children(listed):
        return file.insert(children(listed)[-1].end_byte, f", {text}")
    assert name is not None, "a function has a name"
    return file.insert(name.end_byte, f"<{text}>")


def _type_too(site: Site, impl: Node, type_: Node, name: str) -> Iterator[Patch]:
    """The type gets the parameter, with a marker that says so."""
    own = declared_type(site.context, site.file.text(type_))
    if own is None or own[1].type != "struct_item" or own[1].child_by_field_name("type_parameters") is not None:
        return
    file, node = own
    declared = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    struct = name_of(file, node)
    if declared is None or any(
        struct in site.file.text(one) for one in site.file.walk("struct_expression", "call_expression")
    ):
        return
    held = f"&{name} ()" if name.startswith("'") else name
    marker = f"std::marker::PhantomData<{held}>"
    if body is None:
        place = Place(file.path, declared.end_byte, node.end_byte)
        changes = [Change(place, f"<{name}>({marker});")]
    elif fields(file, node) and fields(file, node)[0][0].isdigit():
        changes = [file.insert(declared.end_byte, f"<{name}>"), file.insert(body.end_byte - 1, f", {marker}")]
    else:
        inner = children(body)
        at = inner[-1].end_byte if inner else body.start_byte + 1
        comma = "," if inner and not re.search(r",\s*\}$", file.text(body)) else ""
        changes = [file.insert(declared.end_byte, f"<{name}>"), file.insert(at, f"{comma} marker: {marker}")]
        if inner and not comma:
            changes[-1] = file.insert(body.end_byte - 1, f"    marker: {marker},\n")
    if file.path == site.file.path:
        yield patch(
            f"let `{struct}` be generic over `{name}`", 0.5, *changes, site.file.insert(type_.end_byte, f"<{name}>")
        )


PLUGIN = Mend(
    codes=("E0207",),
    title="put an undetermined parameter where it is determined",
    cites=("docs:error_codes/E0207.html", "docs:reference/items/implementations.html#generic-implementations"),
    examples=(
        Example(
            """
pub struct Maker;
impl<T: Default> Maker {
    pub fn make(&self) -> T {
        T::default()
    }
}
""",
            """
pub struct Maker;
impl Maker {
    pub fn make<T: Default>(&self) -> T {
        T::default()
    }
}
""",
        ),
        Example(
            """
pub struct Maker;
impl<T: Default> Iterator for Maker {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        Some(T::default())
    }
}
""",
            """
pub struct Maker<T>(std::marker::PhantomData<T>);
impl<T: Default> Iterator for Maker<T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        Some(T::default())
    }
}
""",
        ),
    ),
    patches=_patches,
)
