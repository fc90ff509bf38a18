"""Mends parameters of types that nothing uses: a marker says that they are meant, or they go."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import TYPES, fields, name_of
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.rules_support.opened import opened
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    node = site.up(*TYPES, "type_item")
    listed = node.child_by_field_name("type_parameters") if node else None
    if node is None or listed is None:
        return
    given = children(listed)
    index = next((number for number, one in enumerate(given) if one.start_byte <= site.place.start < one.end_byte), -1)
    if index < 0:
        return
    gone = [_without(site.file, given, listed, index)]
    for path in sorted(site.context.files):
        gone += _uses(opened(site.context.files[path]), name_of(site.file, node), index, len(given), listed)
    yield patch(f"do without `{site.text}`, which nothing uses", 0.5, *gone)
    marker = _marker(site, node)
    if marker is not None:
        yield patch(f"say with a marker that `{site.text}` is meant", 0.45, marker)


def _without(file: SourceFile, given: list[Node], listed: Node, index: int) -> Change:
    return file.delete(listed) if len(given) == 1 else delete_from_list(file, given, given[index])


def _uses(file: SourceFile, name: str, index: int, count: int, declared: Node) -> Iterator[Change]:
    """Where the type is given arguments: the one for the parameter goes too. Lifetimes may have been left out."""
    for one in file.walk("generic_type", "generic_type_with_turbofish"):
        type_, arguments = one.child_by_field_name("type"), one.child_by_field_name("type_arguments")
        if type_ is None or arguments is None or file.text(type_).rpartition("::")[2] != name:
            continue
        given = children(arguments)
        if len(given) == count:
            yield _without(file, given, arguments, index)
        if len(given) == count == 1:
            yield from _declared_for(file, one, file.text(given[0]))


def _declared_for(file: SourceFile, use: Node, argument: str) -> Iterator[Change]:
    """`impl<T>` whose only parameter was the argument."""
    impl = use.parent
    listed = impl.child_by_field_name("type_parameters") if impl is not None and impl.type == "impl_item" else None
    if impl is None or listed is None or len(children(listed)) != 1:
        return
    own = children(listed)[0]
    if re.match(rf"{re.escape(argument)}\b", file.text(own)):
        yield file.delete(listed)


def _marker(site: Site, node: Node) -> Change | None:
    """A field of `PhantomData`, where no expression makes the struct."""
    body = node.child_by_field_name("body")
    name = name_of(site.file, node)
    made = [one for one in site.file.walk("struct_expression") if site.file.text(one).startswith((name, "Self"))]
    if node.type != "struct_item" or body is None or made:
        return None
    held = f"&{site.text} ()" if site.text.startswith("'") else site.text
    type_ = f"std::marker::PhantomData<{held}>"
    if body.type == "ordered_field_declaration_list":
        return None if fields(site.file, node) else site.file.insert(body.start_byte + 1, type_)
    inner = children(body)
    last = inner[-1] if inner else None
    if last is None:
        return site.file.replace(body, f"{{ marker: {type_} }}")
    if site.file.line_start(last.start_byte) == site.file.line_start(body.start_byte):
        return site.file.insert(last.end_byte, f", marker: {type_}")
    after = last.next_sibling
    comma = after is not None and after.type == ","
    end = after.end_byte if comma and after is not None else last.end_byte
    line = f"\n{site.file.indent(last.start_byte)}marker: {type_},"
    return site.file.insert(end, line if comma else f",{line}")


PLUGIN = Mend(
    codes=("E0091", "E0392"),
    title="use a parameter or do without it",
    cites=("docs:error_codes/E0392.html", "docs:std/marker/struct.PhantomData.html"),
    examples=(
        Example(
            "pub type Count<T> = usize;\npub fn none() -> Count<u8> {\n    0\n}\n",
            "pub type Count = usize;\npub fn none() -> Count {\n    0\n}\n",
        ),
        Example(
            """
pub struct Tag<T> {
    pub number: u32,
}
impl<T> Tag<T> {
    pub fn next(&self) -> u32 {
        self.number + 1
    }
}
""",
            """
pub struct Tag {
    pub number: u32,
}
impl Tag {
    pub fn next(&self) -> u32 {
        self.number + 1
    }
}
""",
        ),
        Example(
            "pub struct Id<'a, T> {\n    pub number: *const T,\n}\n",
            "pub struct Id<'a, T> {\n    pub number: *const T,\n    marker: std::marker::PhantomData<&'a ()>,\n}\n",
        ),
    ),
    patches=_patches,
)
