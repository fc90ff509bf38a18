"""What is in scope at a place of one file: locals and parameters, generic parameters, and the items of its bodies."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.mending.rule import Local
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Place

_BINDERS = frozenset({"identifier", "shorthand_field_identifier"})


def locals_at(file: SourceFile, place: Place) -> list[Local]:
    """The locals, parameters and generic parameters in scope, the nearest first; a hidden one is left out."""
    found: dict[str, Local] = {}
    node: Node | None = file.node_at(place)
    while node is not None:
        for local in _bound_by(file, node, place):
            found.setdefault(local.name, local)
        if node.type == "function_item" and node.start_byte < place.start:
            for local in _generics_around(file, node):
                found.setdefault(local.name, local)
            break
        node = node.parent
    return list(found.values())


def _generics_around(file: SourceFile, function: Node) -> Iterator[Local]:
    """A function sees the generic parameters of its `impl` or trait, but nothing else of what surrounds it."""
    outer = function.parent
    holder = outer.parent if outer is not None and outer.type == "declaration_list" else None
    if holder is not None and holder.type in ("impl_item", "trait_item"):
        yield from _generics(file, holder)


def module_at(file: SourceFile, place: Place | None) -> str:
    """The inline module of a place, as `a::b`; empty for the file's own."""
    names: list[str] = []
    node = file.node_at(place) if place is not None else None
    while node is not None:
        body = node.child_by_field_name("body") if node.type == "mod_item" else None
        name = node.child_by_field_name("name") if node.type == "mod_item" else None
        if body is not None and name is not None and place is not None and body.start_byte < place.start:
            names.append(file.text(name))
        node = node.parent
    return "::".join(reversed(names))


def bindings(file: SourceFile, pattern: Node) -> Iterator[Node]:
    """The nodes of the names that a pattern binds. A lone capitalised name is taken for a constant or a variant."""
    stack = [pattern]
    while stack:
        node = stack.pop()
        if node.type in _BINDERS:
            if not file.text(node)[:1].isupper():
                yield node
            continue
        if node.type in ("scoped_identifier", "scoped_type_identifier", "macro_invocation", "generic_type"):
            continue
        skipped = {child.id for name in ("type", "name") if (child := node.child_by_field_name(name)) is not None}
        shorthand = node.type == "field_pattern" and node.child_by_field_name("pattern") is None
        stack.extend(reversed([child for child in node.named_children if shorthand or child.id not in skipped]))


def _bound_by(file: SourceFile, node: Node, place: Place) -> Iterator[Local]:
    """What the node brings into scope for the place within it, the last first."""
    kind = node.type
    if kind == "block":
        for child in reversed(node.named_children):
            if child.type == "let_declaration" and child.end_byte <= place.start:
                yield from _pattern(file, child.child_by_field_name("pattern"), "let", child)
    elif kind in ("function_item", "closure_expression"):
        yield from _parameters(file, node)
        yield from _generics(file, node)
    elif kind in ("for_expression", "match_arm"):
        body = node.child_by_field_name("body") or node.child_by_field_name("value")
        inside = body is not None and body.start_byte <= place.start
        pattern = node.child_by_field_name("pattern")
        if inside or (kind == "match_arm" and pattern is not None and pattern.start_byte <= place.start):
            yield from _pattern(file, pattern, "pattern", None)
    elif kind in ("if_expression", "while_expression", "let_chain"):
        if kind == "if_expression" and _in_alternative(node, place):
            return
        for condition in _conditions(node):
            if condition.end_byte <= place.start:
                yield from _pattern(file, condition.child_by_field_name("pattern"), "pattern", None)
    elif kind in ("impl_item", "trait_item", "struct_item", "enum_item", "type_item", "union_item"):
        yield from _generics(file, node)


def _in_alternative(node: Node, place: Place) -> bool:
    alternative = node.child_by_field_name("alternative")
    return alternative is not None and alternative.start_byte <= place.start < alternative.end_byte


def _conditions(node: Node) -> Iterator[Node]:
    condition = node if node.type == "let_chain" else node.child_by_field_name("condition")
    if condition is not None and condition.type == "let_condition":
        yield condition
    elif condition is not None and condition.type == "let_chain":
        yield from (child for child in reversed(condition.named_children) if child.type == "let_condition")


def _parameters(file: SourceFile, node: Node) -> Iterator[Local]:
    parameters = node.child_by_field_name("parameters")
    for child in reversed(parameters.named_children) if parameters is not None else ():
        if child.type == "parameter":
            yield from _pattern(file, child.child_by_field_name("pattern"), "parameter", child)
        elif child.type == "self_parameter":
            yield Local("self", "parameter", file.text(child), file.place(child))
        elif node.type == "closure_expression":
            yield from _pattern(file, child, "parameter", None)


def _generics(file: SourceFile, node: Node) -> Iterator[Local]:
    kinds = {"lifetime_parameter": "lifetime", "type_parameter": "type", "const_parameter": "const"}
    parameters = node.child_by_field_name("type_parameters")
    for child in parameters.named_children if parameters is not None else ():
        name = child.child_by_field_name("name")
        if child.type in kinds and name is not None:
            written = child.child_by_field_name("type")
            yield Local(file.text(name), kinds[child.type], file.text(written) if written else "", file.place(name))


def _pattern(file: SourceFile, pattern: Node | None, kind: str, holder: Node | None) -> Iterator[Local]:
    if pattern is None:
        return
    written = holder.child_by_field_name("type") if holder is not None else None
    for name in bindings(file, pattern):
        whole = written is not None and name.type == "identifier" and name.id == pattern.id
        yield Local(file.text(name), kind, file.text(written) if whole and written else "", file.place(name))
