"""Gives one of two imports of the same name another one, or drops it where both are the same."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, deleted_line, patch
from tars.rust.rules_support.names import fresh, snake, written
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    name = site.words[0] if site.words else ""
    others = (one.place for one in site.labels() if "previous" in one.text or "another" in one.text)
    places = [site.place, *others]
    imports = [(file, node) for place in places if (node := _import_at(file := site.file_of(place), place)) is not None]
    paths = [_path(file, node) for file, node in imports]
    if len(imports) == 2 and paths[0] == paths[1] and imports[0][1].type != "extern_crate_declaration":
        change = _dropped(*imports[0])
        if change is not None:
            yield patch(f"import `{name}` once", 0.85, change)
        return
    if len(imports) == 1 and paths[0].removeprefix("crate::").removeprefix("self::") == name:
        change = _dropped(*imports[0])
        if change is not None:
            yield patch(f"`{name}` is there without an import", 0.7, change)
    for less, ((file, node), path) in enumerate(zip(imports, paths, strict=True)):
        called = _called(path, name, written(file, file.root))
        change = _renamed(file, node, path, called)
        yield patch(f"import `{path}` as `{called}`", 0.6 - 0.15 * less, change)


def _import_at(file: SourceFile, place: Place) -> Node | None:
    """The part of a `use`, or the `extern crate`, that brings the name in."""
    node = file.node_of(place, "extern_crate_declaration", "use_declaration")
    if node is None or node.type == "extern_crate_declaration":
        return node
    return file.exactly(place) or file.node_at(place)


def _path(file: SourceFile, node: Node) -> str:
    """The whole path of an import, without its `as`."""
    if node.type == "extern_crate_declaration":
        name = node.child_by_field_name("name")
        return file.text(name) if name else ""
    if node.type == "use_declaration":
        argument = node.child_by_field_name("argument")
        return _path(file, argument) if argument else ""
    if node.type == "use_as_clause":
        inner = node.child_by_field_name("path")
        return _path(file, inner) if inner else ""
    own = file.text(node).replace(" ", "").removesuffix("::self")
    parent = node.parent
    while parent is not None and parent.type != "use_declaration":
        if parent.type == "scoped_use_list" and (path := parent.child_by_field_name("path")) is not None:
            own = file.text(path) if own == "self" else f"{file.text(path)}::{own}"
        parent = parent.parent
    return own


def _called(path: str, name: str, taken: set[str]) -> str:
    """`std::io::Result` → `IoResult`, `bar::foo` → `bar_foo`."""
    parts = [part for part in path.split("::") if part not in ("crate", "self", "super", "")]
    before = parts[-2] if len(parts) > 1 else "other"
    joined = before[:1].upper() + before[1:] + name if name[:1].isupper() else f"{snake(before)}_{name}"
    return joined if joined not in taken else fresh(joined, taken)


def _renamed(file: SourceFile, node: Node, path: str, called: str) -> Change:
    if node.type == "extern_crate_declaration":
        own = next((file.text(child) + " " for child in node.children if child.type == "visibility_modifier"), "")
        return file.replace(node, f"{own}extern crate {path} as {called};")
    if node.type == "use_as_clause" and (alias := node.child_by_field_name("alias")) is not None:
        return file.replace(alias, called)
    end = node.end_byte
    if file.text(node).endswith("::self"):
        return file.replace(node, f"{file.text(node).removesuffix('::self')} as {called}")
    return file.insert(end, f" as {called}")


def _dropped(file: SourceFile, node: Node) -> Change | None:
    parent = node.parent
    if node.type == "use_declaration":
        return deleted_line(file, node)
    if parent is None:
        return None
    if parent.type == "use_declaration":
        return deleted_line(file, parent)
    if parent.type != "use_list":
        return None
    if all(child.type == "self" for child in parent.named_children):
        declaration = file.node_of(file.place(parent), "use_declaration")
        return deleted_line(file, declaration) if declaration is not None else None
    start, end = node.start_byte, node.end_byte
    if node.prev_sibling is not None and node.prev_sibling.type == ",":
        start = node.prev_sibling.start_byte
    elif node.next_sibling is not None and node.next_sibling.type == ",":
        end = (
            node.next_sibling.end_byte
            + len(file.data[node.next_sibling.end_byte :])
            - len(file.data[node.next_sibling.end_byte :].lstrip(b" "))
        )
    return Change(Place(file.path, start, end), "")


PLUGIN = Mend(
    codes=("E0252", "E0430", "E0254", "E0255", "E0259", "E0260"),
    title="give one of two imports of the same name another name",
    cites=(
        "docs:error_codes/E0252.html",
        "docs:error_codes/E0255.html",
        "docs:error_codes/E0259.html",
        "docs:reference/items/use-declarations.html",
    ),
    examples=(
        Example(
            """
use std::fmt::Result;
use std::io::Result;
pub fn write() -> Result {
    Ok(())
}
""",
            """
use std::fmt::Result;
use std::io::Result as IoResult;
pub fn write() -> Result {
    Ok(())
}
""",
        ),
        Example(
            """
use std::collections::{HashMap, HashSet, HashMap};
pub fn sizes(one: &HashMap<u8, u8>, other: &HashSet<u8>) -> usize {
    one.len() + other.len()
}
""",
            """
use std::collections::{HashMap, HashSet};
pub fn sizes(one: &HashMap<u8, u8>, other: &HashSet<u8>) -> usize {
    one.len() + other.len()
}
""",
        ),
        Example(
            """
use shapes::area;
pub mod shapes {
    pub fn area() -> u8 {
        1
    }
}
pub fn area() -> u8 {
    2
}
""",
            """
use shapes::area as shapes_area;
pub mod shapes {
    pub fn area() -> u8 {
        1
    }
}
pub fn area() -> u8 {
    2
}
""",
        ),
        Example(
            """
use shapes::{self};
pub mod shapes {
    pub fn area() -> u8 {
        1
    }
}
""",
            """
pub mod shapes {
    pub fn area() -> u8 {
        1
    }
}
""",
        ),
        Example(
            """
extern crate core;
mod shapes {
    pub trait core {
        fn area();
    }
}
use shapes::core;
""",
            """
extern crate core;
mod shapes {
    pub trait core {
        fn area();
    }
}
use shapes::core as shapes_core;
""",
        ),
        Example(
            """
extern crate core;
extern crate std as core;
""",
            """
extern crate core;
extern crate std as other_core;
""",
        ),
        Example(
            """
extern crate core;
pub fn core() {}
pub mod core {}
""",
            """
extern crate core as other_core;
pub fn core() {}
pub mod core {}
""",
        ),
    ),
    patches=_patches,
)
