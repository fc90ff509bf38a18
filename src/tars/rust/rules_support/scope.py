"""The variables that are in scope at a place of a function."""

from collections.abc import Iterator

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.mend import ancestors, children
from tars.rust.syntax.source import SourceFile


class Local(Prefab, frozen=True, slots=False):
    """A variable, with its type as written; empty where none is."""

    name: str
    type: str


def locals_before(file: SourceFile, node: Node) -> list[Local]:
    """The variables in scope, the nearest first; each name once, as the innermost declares it."""
    found: dict[str, Local] = {}
    inner = node
    for around in ancestors(node):
        for local in _declared(file, around, inner):
            found.setdefault(local.name, local)
        if around.type == "function_item":
            break
        inner = around
    return list(found.values())


def _declared(file: SourceFile, around: Node, inner: Node) -> Iterator[Local]:
    if around.type == "block":
        before = [one for one in children(around, "let_declaration") if one.end_byte <= inner.start_byte]
        for let in reversed(before):
            yield from _bound(file, let)
    elif around.type in ("function_item", "closure_expression"):
        for parameter in parameters(around):
            if parameter.type == "parameter":
                yield from _bound(file, parameter)
            elif parameter.type == "identifier":
                yield Local(file.text(parameter), "")
            elif parameter.type == "self_parameter":
                yield Local("self", "")
            else:
                yield from _names(file, parameter)
    elif around.type in ("for_expression", "match_arm"):
        yield from _bound(file, around)
    elif around.type in ("if_expression", "while_expression"):
        condition = around.child_by_field_name("condition")
        consequence = around.child_by_field_name("consequence") or around.child_by_field_name("body")
        if condition is not None and consequence is not None and consequence.id == inner.id:
            for let in file.walk("let_condition", within=condition):
                yield from _bound(file, let)


def _bound(file: SourceFile, holder: Node) -> Iterator[Local]:
    """The names that a `let`, a parameter, an arm or a `for` binds."""
    pattern, type_ = holder.child_by_field_name("pattern"), holder.child_by_field_name("type")
    if pattern is None:
        return
    if pattern.type == "identifier":
        yield Local(file.text(pattern), file.text(type_) if type_ else "")
        return
    yield from _names(file, pattern)


def _names(file: SourceFile, pattern: Node) -> Iterator[Local]:
    for name in file.walk("identifier", "shorthand_field_identifier", within=pattern):
        parent = name.parent
        is_path = parent is not None and parent.type in ("scoped_identifier", "tuple_struct_pattern")
        first = parent is not None and parent.named_children and parent.named_children[0].id == name.id
        if not (is_path and first) and file.text(name)[0].islower():
            yield Local(file.text(name), "")
