"""Lifetimes in signatures: declared, bounded, named where they are elided, and renamed."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import ancestors
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

_OWNERS = (
    "function_item", "function_signature_item", "impl_item", "struct_item", "enum_item", "trait_item", "type_item",
    "union_item",
)  # fmt: skip


def owner_of(node: Node) -> Node | None:
    """The function, type, trait or `impl` around a node: what can declare lifetimes."""
    return next((one for one in (node, *ancestors(node)) if one.type in _OWNERS), None)


def generics(owner: Node) -> Node | None:
    return owner.child_by_field_name("type_parameters")


def declared(file: SourceFile, owner: Node) -> list[str]:
    """The lifetimes that an item declares, with their quotes."""
    listed = generics(owner)
    names = (one.child_by_field_name("name") for one in listed.named_children) if listed is not None else ()
    return [file.text(one) for one in names if one is not None and one.type == "lifetime"]


def in_scope(file: SourceFile, node: Node) -> list[str]:
    """The lifetimes that may be written at a node, those of the nearest item first."""
    found: list[str] = []
    for one in (node, *ancestors(node)):
        if one.type in _OWNERS:
            found += declared(file, one)
    return found


def declare(file: SourceFile, owner: Node, name: str) -> Change | None:
    """A lifetime declared by an item; None where there is no place for one."""
    listed = generics(owner)
    if listed is not None:
        separator = ", " if listed.named_children else ""
        return file.insert(listed.start_byte + 1, f"{name}{separator}")
    if owner.type == "impl_item":
        return file.insert(owner.start_byte + len("impl"), f"<{name}>")
    own = owner.child_by_field_name("name")
    return file.insert(own.end_byte, f"<{name}>") if own is not None else None


def bound(file: SourceFile, place: Place, shorter: str) -> Change | None:
    """The bound that the lifetime declared at a place outlives another; None where it has it."""
    node = file.node_at(place)
    parameter = next((one for one in (node, *ancestors(node)) if one.type == "lifetime_parameter"), None)
    if parameter is None:
        return None
    bounds = parameter.child_by_field_name("bounds")
    if bounds is None:
        return file.insert(parameter.end_byte, f": {shorter}")
    if shorter in re.findall(r"'\w+", file.text(bounds)):
        return None
    return file.insert(bounds.end_byte, f" + {shorter}")


def unnamed(file: SourceFile, node: Node) -> Iterator[Node]:
    """The references in a type that name no lifetime; those of closures' own parameters are theirs."""
    for one in file.walk("reference_type", "self_parameter", within=node):
        if one.children[0].type != "&" or any(child.type == "lifetime" for child in one.children):
            continue
        inner = (each.type for each in ancestors(one) if each.start_byte >= node.start_byte)
        if "function_type" not in inner:
            yield one


def name_references(file: SourceFile, node: Node, name: str) -> list[Change]:
    """Every reference of a type that names no lifetime given this one; `'_` is replaced too."""
    changes = [file.insert(one.start_byte + 1, f"{name} ") for one in unnamed(file, node)]
    changes += [file.replace(one, name) for one in file.walk("lifetime", within=node) if file.text(one) == "'_"]
    return changes


def renamed(file: SourceFile, within: Node, old: str, new: str) -> list[Change]:
    """A lifetime written otherwise everywhere in a node."""
    return [file.replace(one, new) for one in file.walk("lifetime", within=within) if file.text(one) == old]


def fresh_lifetime(file: SourceFile, node: Node) -> str:
    """A short lifetime that nothing around a node has."""
    taken = set(in_scope(file, node))
    owner = owner_of(node)
    taken |= {file.text(one) for one in file.walk("lifetime", within=owner)} if owner is not None else set()
    return next(f"'{letter}" for letter in "abcdefghijklmnopqrstuvwxyz" if f"'{letter}" not in taken)
