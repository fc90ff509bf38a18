"""Settles two definitions of one name: drops an equal one, merges modules, or gives the second another name."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import attributes
from tars.rust.rules_support.mend import Mend, Site, deleted_line, patch
from tars.rust.rules_support.names import fresh, written
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_KINDS = frozenset(
    {
        "function_item", "function_signature_item", "struct_item", "enum_item", "union_item", "trait_item", "mod_item",
        "const_item", "static_item", "type_item", "enum_variant", "associated_type",
    }
)  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    label = site.label("previous definition")
    second = _definition(site.file, site.place)
    first = _definition(site.file_of(label.place), label.place) if label else None
    if second is None or first is None or label is None or label.place.path != site.file.path:
        return
    file = site.file
    if _bare(file, first) == _bare(file, second):
        yield patch("drop the second of two equal definitions", 0.8, *_dropped(file, second))
    elif first.type == second.type == "mod_item" and (change := _merged(file, first, second)):
        yield patch("put both parts into one module", 0.6, *change)
    name = second.child_by_field_name("name")
    if name is not None:
        called = fresh(file.text(name), written(file, file.root)) if len(file.text(name)) > 1 else f"{file.text(name)}2"
        yield patch(f"call the second one `{called}`", 0.45, file.replace(name, called))


def _definition(file: SourceFile, place: Place) -> Node | None:
    node: Node | None = file.node_at(Place(file.path, place.start, place.start + 1))
    while node is not None and node.type not in _KINDS:
        node = node.parent
    return node


def _bare(file: SourceFile, node: Node) -> str:
    return "".join(file.text(node).split())


def _dropped(file: SourceFile, node: Node) -> list[Change]:
    """The deletion of a definition with its attributes; of a variant or so with the comma after it."""
    if node.type == "enum_variant":
        end = node.next_sibling.end_byte if node.next_sibling and node.next_sibling.type == "," else node.end_byte
        before = node.prev_sibling
        start = node.start_byte if end > node.end_byte or before is None or before.type != "," else before.start_byte
        end += len(file.data[end:]) - len(file.data[end:].lstrip(b" ")) if start == node.start_byte else 0
        return [Change(Place(file.path, start, end), "")]
    return [*(deleted_line(file, one) for one in attributes(node)), deleted_line(file, node)]


def _merged(file: SourceFile, first: Node, second: Node) -> list[Change]:
    into, out = first.child_by_field_name("body"), second.child_by_field_name("body")
    if into is None or out is None or into.end_byte > second.start_byte:
        return []
    inner = file.data[out.start_byte + 1 : out.end_byte - 1].decode("utf-8", "replace").strip("\n").rstrip()
    end = into.end_byte - 1
    while file.data[end - 1 : end] in (b" ", b"\t"):
        end -= 1
    return [file.insert(end, f"{inner}\n"), *_dropped(file, second)]


PLUGIN = Mend(
    codes=("E0428",),
    title="settle two definitions of one name",
    cites=("docs:error_codes/E0428.html", "docs:reference/names/namespaces.html"),
    examples=(
        Example(
            """
pub struct Bar;
pub struct Bar;
""",
            """
pub struct Bar;
""",
        ),
        Example(
            """
pub fn area(side: f64) -> f64 {
    side * side
}
pub fn area(width: f64, height: f64) -> f64 {
    width * height
}
""",
            """
pub fn area(side: f64) -> f64 {
    side * side
}
pub fn area2(width: f64, height: f64) -> f64 {
    width * height
}
""",
        ),
        Example(
            """
pub mod shapes {
    pub struct Circle;
}
pub mod shapes {
    pub struct Square;
}
""",
            """
pub mod shapes {
    pub struct Circle;
    pub struct Square;
}
""",
        ),
    ),
    patches=_patches,
)
