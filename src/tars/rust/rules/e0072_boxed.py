"""Puts every field of a type that holds the type itself into a box."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import TYPES, name_of, variants
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    node = site.up(*TYPES)
    if node is None:
        return
    changes: list[Change] = []
    for holder in variants(node) if node.type == "enum_item" else [node]:
        body = holder.child_by_field_name("body")
        for type_ in _types(body) if body else ():
            own = _held(site.file, type_, name_of(site.file, node))
            if own is not None:
                changes.append(site.file.replace(own, f"Box<{site.file.text(own)}>"))
    if changes:
        yield patch("hold the type itself in boxes", 0.75, *changes)


def _types(body: Node) -> Iterator[Node]:
    for child in children(body):
        if child.type == "field_declaration":
            type_ = child.child_by_field_name("type")
            if type_ is not None:
                yield type_
        elif child.type not in ("visibility_modifier", "attribute_item"):
            yield child


def _held(file: SourceFile, type_: Node, name: str) -> Node | None:
    """The type itself, where the field holds it by value: bare, in an `Option`, a tuple or an array."""
    if type_.type in ("type_identifier", "generic_type"):
        head = file.text(type_.child_by_field_name("type") or type_)
        if head in (name, "Self"):
            return type_
        arguments = type_.child_by_field_name("type_arguments")
        inner = children(arguments) if arguments is not None and head == "Option" else []
        return _held(file, inner[0], name) if inner else None
    if type_.type in ("tuple_type", "array_type"):
        return next((found for one in children(type_) if (found := _held(file, one, name))), None)
    return None


PLUGIN = Mend(
    codes=("E0072",),
    title="hold the type itself in boxes",
    cites=("docs:error_codes/E0072.html", "docs:book/ch15-01-box.html"),
    examples=(
        Example(
            """
pub struct Tree {
    pub value: i32,
    pub left: Option<Tree>,
    pub right: Option<Tree>,
}
""",
            """
pub struct Tree {
    pub value: i32,
    pub left: Option<Box<Tree>>,
    pub right: Option<Box<Tree>>,
}
""",
        ),
    ),
    patches=_patches,
)
