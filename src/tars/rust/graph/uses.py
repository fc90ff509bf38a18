"""`use` and `extern crate` declarations, taken apart: one value for each name that they bring into scope."""

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from tars.rust.syntax.source import SourceFile


class Use(NamedTuple):
    """`path` (without `as`) is brought into the inline module `module` as `name` (`*`: all of it; `_`: no name).
    `start` and `end` are those of its own part of the declaration; `body` says that a function's body holds it."""

    module: str
    path: str
    name: str
    visibility: str
    start: int
    end: int
    body: bool


def imports_of(file: SourceFile, node: Node, module: str, body: bool) -> Iterator[Use]:
    """The names that a declaration brings into scope."""
    visibility = next((file.text(child) for child in node.children if child.type == "visibility_modifier"), "")
    if node.type == "extern_crate_declaration":
        name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
        if name is not None:
            crate = file.text(name)
            called = file.text(alias) if alias else crate
            yield Use(module, crate, called, visibility, node.start_byte, node.end_byte, body)
        return
    argument = node.child_by_field_name("argument")
    if argument is not None:
        for path, called, part in _leaves(file, argument, ""):
            yield Use(module, path, called, visibility, part.start_byte, part.end_byte, body)


def _leaves(file: SourceFile, node: Node, prefix: str) -> Iterator[tuple[str, str, Node]]:
    kind = node.type
    if kind == "use_list":
        for child in node.named_children:
            yield from _leaves(file, child, prefix)
    elif kind == "scoped_use_list":
        path, inner = node.child_by_field_name("path"), node.child_by_field_name("list")
        if inner is not None:
            yield from _leaves(file, inner, _joined(prefix, _path(file, path) if path else ""))
    elif kind == "use_wildcard":
        path = next(iter(node.named_children), None)
        yield _joined(prefix, _path(file, path) if path else ""), "*", node
    elif kind == "use_as_clause":
        path, alias = node.child_by_field_name("path"), node.child_by_field_name("alias")
        if path is not None and alias is not None:
            yield _whole(prefix, _path(file, path)), file.text(alias), node
    elif kind in ("identifier", "scoped_identifier", "self", "crate", "super", "metavariable"):
        whole = _whole(prefix, _path(file, node))
        yield whole, whole.rpartition("::")[2], node


def _path(file: SourceFile, node: Node) -> str:
    return "".join(file.text(node).split())


def _joined(prefix: str, path: str) -> str:
    return f"{prefix}::{path}" if prefix and path else prefix or path


def _whole(prefix: str, path: str) -> str:
    return prefix if path == "self" and prefix else _joined(prefix, path)
