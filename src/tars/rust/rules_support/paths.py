"""Paths as they are written: the whole of one, its segments, and the imports that a `use` is made of."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.prelude import prelude
from tars.rust.graph.uses import Use, imports_of
from tars.rust.mending.rule import Context
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

_SCOPED = ("scoped_identifier", "scoped_type_identifier")


def whole_path(node: Node) -> Node:
    """The outermost path that the node is a segment of; the node itself where it is none."""
    while node.parent is not None and node.parent.type in _SCOPED:
        node = node.parent
    return node


def imports_around(file: SourceFile, place: Place) -> list[Use]:
    """The imports of a `use` declaration that a place in it concerns: its own, or all behind a shared part."""
    declaration = file.node_of(place, "use_declaration")
    if declaration is None:
        return []
    every = list(imports_of(file, declaration, "", False))
    own = [one for one in every if one.start <= place.start and place.end <= one.end]
    if own:
        return own
    shared = file.node_of(place, "scoped_use_list")
    inside = shared if shared is not None else declaration
    return [one for one in every if inside.start_byte <= one.start and one.end <= inside.end_byte]


def import_changed(file: SourceFile, one: Use, path: str) -> list[Change]:
    """The import of another path in the place of this one; it leaves the braces that it shares with others, where the
    other path does not begin like theirs."""
    node = file.exactly(Place(file.path, one.start, one.end))
    if node is None:
        return []
    declaration = file.node_of(Place(file.path, one.start, one.end), "use_declaration")
    shared = file.node_of(Place(file.path, one.start, one.end), "scoped_use_list")
    begins = shared.child_by_field_name("path") if shared is not None else None
    if node.type == "self" and begins is not None and path.endswith(f"::{one.path}"):
        # The module is what the others in the braces are of too.
        return [file.replace(begins, path)]
    last = path.rpartition("::")[2]
    renamed = f" as {one.name}" if one.name not in (last, "*", "_") and node.type == "use_as_clause" else ""
    text = f"{path}{'::*' if one.name == '*' else ''}{renamed}"
    prefix = _prefix(file, node)
    if not prefix:
        return [file.replace(node, text)]
    if text.startswith(f"{prefix}::"):
        return [file.replace(node, text.removeprefix(f"{prefix}::"))]
    if declaration is None:
        return []
    public = next((file.text(child) + " " for child in declaration.children if child.type == "visibility_modifier"), "")
    line = f"{public}use {text};\n{file.indent(declaration.start_byte)}"
    return [file.insert(declaration.start_byte, line), _left_out(file, node, declaration)]


def qualified(context: Context, text: str, near: Place, module: str = "") -> str:
    """A type with paths before the names that are not in scope at the place; those of `module` are preferred."""
    symbols = context.symbols
    scope = {*symbols.names_in("self", near), *prelude(context.edition), "Self"}
    scope |= {one.name for one in symbols.locals_at(near)}

    def reached(found: re.Match[str]) -> str:
        name = found[0]
        paths = [] if name in scope else [path for path in symbols.paths_of(name, near) if "::" in path]
        paths.sort(key=lambda path: path.rpartition("::")[0] != module)
        if not paths:
            return name
        holder = paths[0].split("::")[-2]
        return f"{holder}::{name}" if holder in scope else paths[0]

    return re.sub(r"(?<![\w:'])[A-Z]\w+(?!\w|::)", reached, text)


def through_scope(context: Context, path: str, near: Place) -> str:
    """A path written through the module or type that is in scope: `fmt::Debug` for `std::fmt::Debug`; empty where that
    is not."""
    holder, _, name = path.rpartition("::")
    last = holder.rpartition("::")[2]
    known = last in context.symbols.names_in("self", near) or last in ("Option", "Result")
    return f"{last}::{name}" if "::" in holder and known else ""


def namesakes(context: Context, name: str, near: Place) -> Iterator[tuple[str, str]]:
    """What a name is often an alias for: `IoError` for `std::io::Error`, `StdError` for `std::error::Error`."""
    found = re.fullmatch(r"([A-Z][a-z]+)([A-Z]\w+)", name)
    if found is None:
        return
    holder = found[1].lower()
    paths = [path for path in context.symbols.paths_of(found[2], near) if "::" in path]
    for path in paths:
        before = path.split("::")[-2]
        if before == holder or (holder in ("std", "core") and before == found[2].lower()):
            yield path, name
            return


def undeclared_files(context: Context, name: str) -> Iterator[str]:
    """Files that the module `name` of a crate's root could be, and that no `mod` declares."""
    for path in sorted(context.files):
        folder, _, last = path.rpartition("/")
        parts = folder.split("/") if folder else []
        if last == f"{name}.rs" or (last == "mod.rs" and parts[-1:] == [name]):
            yield path


def _prefix(file: SourceFile, node: Node) -> str:
    """What stands before the braces around an import."""
    parts: list[str] = []
    parent = node.parent
    while parent is not None and parent.type != "use_declaration":
        path = parent.child_by_field_name("path") if parent.type == "scoped_use_list" else None
        parts += [file.text(path).replace(" ", "")] if path is not None else []
        parent = parent.parent
    return "::".join(reversed(parts))


def _left_out(file: SourceFile, node: Node, declaration: Node) -> Change:
    """The deletion of an import from its braces; of the whole declaration where it is the only one."""
    parent = node.parent
    count = len(list(imports_of(file, declaration, "", False)))
    if parent is None or count == 1:
        end = declaration.end_byte
        while file.data[end : end + 1] in (b"\n", b" "):
            end += 1
        return Change(Place(file.path, declaration.start_byte, end), "")
    others = [one for one in parent.named_children if one.id != node.id]
    if parent.type == "use_list" and len(others) == 1 and others[0].type != "self":
        return file.replace(parent, file.text(others[0]))
    start, end = node.start_byte, node.end_byte
    before, after = node.prev_sibling, node.next_sibling
    if after is not None and after.type == ",":
        end = after.end_byte
        while file.data[end : end + 1] in (b" ", b"\n"):
            end += 1
    elif before is not None and before.type == ",":
        start = before.start_byte
    return Change(Place(file.path, start, end), "")
