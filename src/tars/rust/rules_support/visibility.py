"""What opens an item, a field or a variant's owner to code elsewhere: the `pub` before it."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.mending.rule import Context
from tars.rust.rules_support.items import TYPES, items
from tars.rust.rules_support.mend import children
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

_DECLARATIONS = frozenset(
    {
        "function_item", "struct_item", "enum_item", "union_item", "trait_item", "mod_item", "const_item",
        "static_item", "type_item", "use_declaration", "field_declaration", "extern_crate_declaration",
        "function_signature_item",
    }
)  # fmt: skip
SURE = (("pub", 0.0), ("pub(crate)", 0.12))
"""The words that open something, and how much less likely each is meant than the first."""


def declaration_at(file: SourceFile, place: Place) -> Node | None:
    """The declaration that begins at the place, or that holds it in its first line."""
    node: Node | None = file.node_at(Place(place.path, place.start, place.start + 1))
    while node is not None and node.type not in _DECLARATIONS:
        node = node.parent
    return node


def opened(file: SourceFile, declaration: Node, word: str = "pub") -> Change | None:
    """The declaration made visible; None where it already is as much so."""
    own = children(declaration, "visibility_modifier")
    if own:
        return file.replace(own[0], word) if file.text(own[0]) not in ("pub", word) else None
    return file.insert(declaration.start_byte, f"{word} ")


def opened_fields(file: SourceFile, struct: Node, names: tuple[str, ...], word: str = "pub") -> list[Change]:
    """The named fields of a struct made visible, those of a tuple by their numbers; all of them without names."""
    body = struct.child_by_field_name("body")
    changes: list[Change | None] = []
    if body is None:
        return []
    if body.type == "field_declaration_list":
        for field in children(body, "field_declaration"):
            name = field.child_by_field_name("name")
            if name is not None and (not names or file.text(name) in names):
                changes.append(opened(file, field, word))
    else:
        number = 0
        modifier: Node | None = None
        for child in children(body):
            if child.type == "visibility_modifier":
                modifier = child
            elif child.type != "attribute_item":
                if not names or str(number) in names:
                    changes.append(
                        file.insert(child.start_byte, f"{word} ") if modifier is None
                        else file.replace(modifier, word) if file.text(modifier) not in ("pub", word) else None
                    )  # fmt: skip
                modifier, number = None, number + 1
    return [change for change in changes if change is not None]


def structs_with(context: Context, name: str, field: str) -> Iterator[tuple[SourceFile, Node]]:
    """The crate's structs of that name that have such a field."""
    for file, node in items(context, *TYPES, name=name):
        if opened_fields(file, node, (field,)):
            yield file, node
