"""The items that a crate declares, found by name: structs, enums, traits, functions and their parts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from tree_sitter import Node

from tars.rust.mending.rule import Context
from tars.rust.rules_support.mend import children
from tars.rust.rules_support.opened import opened
from tars.rust.rules_support.types import RustType, parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

Found = tuple[SourceFile, Node]
TYPES = ("struct_item", "enum_item", "union_item")
_KINDS = (*TYPES, "trait_item", "function_item", "function_signature_item", "impl_item", "const_item", "static_item",
          "type_item")  # fmt: skip


@lru_cache(maxsize=4096)
def _declared(file: SourceFile) -> Mapping[str, Sequence[Node]]:
    found: dict[str, list[Node]] = {}
    for node in file.walk(*_KINDS):
        found.setdefault(node.type, []).append(node)
    return found


def items(context: Context, *kinds: str, name: str = "") -> Iterator[Found]:
    """The crate's items of these kinds (tree-sitter's words), of that name where one is given."""
    for path in sorted(context.files):
        file = opened(context.files[path])
        for kind in kinds:
            for node in _declared(file).get(kind, ()):
                if not name or name_of(file, node) == name:
                    yield file, node


def name_of(file: SourceFile, node: Node) -> str:
    """The name of an item; of an `impl` the name of its type."""
    own = node.child_by_field_name("type" if node.type == "impl_item" else "name")
    return re.sub(r"<.*", "", file.text(own), flags=re.S).rpartition("::")[2].strip() if own else ""


def declared_type(context: Context, text: str) -> Found | None:
    """The struct, enum or union of the crate that a type's text names, through references."""
    head = parse_type(text).peeled.head
    return next(items(context, *TYPES, name=head), None)


def declared_trait(context: Context, name: str) -> Found | None:
    """The crate's trait of that name; arguments and modules before it are looked through."""
    return next(items(context, "trait_item", name=parse_type(name).head), None)


def trait_of(file: SourceFile, impl: Node) -> str:
    """The trait that an `impl` implements, as written; empty for an inherent one."""
    trait = impl.child_by_field_name("trait")
    return file.text(trait) if trait else ""


def implements(context: Context, type_name: str, trait: str) -> bool:
    """Whether the crate derives or implements the trait for one of its types."""
    for file, impl in items(context, "impl_item", name=type_name):
        if parse_type(trait_of(file, impl)).head == trait:
            return True
    found = next(items(context, *TYPES, name=type_name), None)
    return found is not None and trait in derived(*found)


def derived(file: SourceFile, node: Node) -> tuple[str, ...]:
    """The traits that the item's `#[derive]` lists, without the modules before them."""
    names: list[str] = []
    for attribute in attributes(node):
        if inner := re.search(r"derive\s*\((.*)\)", file.text(attribute), re.S):
            names += [one.strip().rpartition("::")[2] for one in inner[1].split(",") if one.strip()]
    return tuple(names)


def attributes(node: Node) -> list[Node]:
    """The outer attributes of an item, in their order."""
    found: list[Node] = []
    before = node.prev_sibling
    while before is not None and before.type in ("attribute_item", "line_comment", "block_comment"):
        if before.type == "attribute_item":
            found.insert(0, before)
        before = before.prev_sibling
    return found


def beginning(node: Node) -> Node:
    """The first of the attributes and comments that stand directly above an item, or the item."""
    while (before := node.prev_sibling) is not None and before.type in (
        "attribute_item",
        "line_comment",
        "block_comment",
    ):
        node = before
    return node


def removed(file: SourceFile, node: Node) -> Change:
    """The deletion of an item with what stands directly above it, its lines, and the empty line before them."""
    start, end = file.line_start(beginning(node).start_byte), file.line_end(node.end_byte)
    while file.data[: start - 1].endswith(b"\n"):
        start -= 1
    return Change(Place(file.path, start, min(end + 1, len(file.data))), "")


def fields(file: SourceFile, node: Node) -> list[tuple[str, str]]:
    """Name and type, as written, of each field of a struct or variant; of a tuple the names are `0`, `1`, …."""
    body = node.child_by_field_name("body")
    if body is None:
        return []
    if body.type == "ordered_field_declaration_list":
        types = [child for child in children(body) if child.type not in ("visibility_modifier", "attribute_item")]
        return [(str(number), file.text(one)) for number, one in enumerate(types)]
    found: list[tuple[str, str]] = []
    for field in children(body, "field_declaration"):
        name, type_ = field.child_by_field_name("name"), field.child_by_field_name("type")
        if name and type_:
            found.append((file.text(name), file.text(type_)))
    return found


def variants(enum: Node) -> list[Node]:
    body = enum.child_by_field_name("body")
    return children(body, "enum_variant") if body else []


def variant_pattern(file: SourceFile, variant: Node, *, path: str, bind: bool = False) -> str:
    """The pattern of a variant behind `path`: `Shape::Circle(_)`, `Shape::Square { .. }`; `bind` names fields."""
    name = variant.child_by_field_name("name")
    body = variant.child_by_field_name("body")
    text = f"{path}{file.text(name) if name else ''}"
    if body is None:
        return text
    if body.type == "field_declaration_list":
        inner = ", ".join(name for name, _ in fields(file, variant)) if bind else ".."
        return f"{text} {{ {inner} }}"
    count = len(fields(file, variant))
    return f"{text}({', '.join('_' * count)})" if count <= 2 else f"{text}(..)"


def parameters(function: Node) -> list[Node]:
    """The parameters of a function, `self` among them."""
    found = function.child_by_field_name("parameters")
    return [one for one in children(found) if one.type != "attribute_item"] if found else []


def return_type(file: SourceFile, function: Node | None) -> RustType | None:
    """What a function says that it returns; `()` where it says nothing, None for no function or an open closure."""
    if function is None:
        return None
    written = function.child_by_field_name("return_type")
    if written is None:
        return parse_type("()") if function.type != "closure_expression" else None
    return parse_type(file.text(written))


def item_below(attribute: Node) -> Node | None:
    """The item that an attribute stands above."""
    node: Node | None = attribute
    while node is not None and node.type not in _KINDS:
        node = node.next_named_sibling
    return node


def insert_derives(file: SourceFile, node: Node, *traits: str) -> Change:
    """`traits` added to the item's `#[derive]`, or one put above it."""
    for attribute in attributes(node):
        if re.match(r"#\s*\[\s*derive\s*\(", file.text(attribute)):
            end = file.data.rindex(b")", attribute.start_byte, attribute.end_byte)
            some = file.data[attribute.start_byte : end].rstrip()
            separator = "" if some.endswith(b"(") else " " if some.endswith(b",") else ", "
            return file.insert(end, separator + ", ".join(traits))
    indent = file.indent(node.start_byte)
    return file.insert(node.start_byte, f"#[derive({', '.join(traits)})]\n{indent}")


def calls_of(context: Context, name: str) -> Iterator[Found]:
    """The calls of a function by its name, as `name(…)`, `path::name(…)` or `value.name(…)`."""
    for path in sorted(context.files):
        file = opened(context.files[path])
        for call in file.walk("call_expression"):
            function = call.child_by_field_name("function")
            if function is not None:
                field = function.child_by_field_name("field") if function.type == "field_expression" else None
                last = field or function.child_by_field_name("name") or function
                if file.text(last) == name:
                    yield file, call
