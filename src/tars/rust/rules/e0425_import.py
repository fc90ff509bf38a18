"""Brings a value, a function or a type into scope from where it is: another module, an enum, the standard library."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.imports import imported, imports_of_all
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.paths import namesakes, through_scope, whole_path
from tars.rust.rules_support.unknown import unknown_at
from tars.rust.values import Example, Patch, Place

_PATHS_MAX = 4
_OF_NUMBERS = re.compile(r"::([iuf](?:8|16|32|64|128|size))::")


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    if missing is None or not missing.name.isidentifier():
        return
    symbols = site.context.symbols
    paths = [path for path in symbols.paths_of(missing.name, site.place) if "::" in path]
    paths.sort(key=lambda path: _of_other_numbers(site, path))
    if not missing.here:
        whole = whole_path(site.node)
        for number, path in enumerate(paths[:_PATHS_MAX]):
            yield patch(f"`{path}` is meant", 0.62 - 0.1 * number, site.file.replace(whole, path))
        return
    yield from _from_above(site, paths)
    for path, alias in namesakes(site.context, missing.name, site.place):
        yield patch(f"import `{path}` as `{alias}`", 0.66, site.file.insert_use(f"{path} as {alias}", site.place))
    every = imports_of_all(site)
    if every:
        yield patch("import all that is missing here", 0.76, *every)
    for number, path in enumerate(paths[:_PATHS_MAX]):
        short = through_scope(site.context, path, site.place) or _of_enum(path)
        if short:
            yield patch(f"`{short}` is meant", 0.74 - 0.1 * number, site.file.replace(site.place, short))
        sure = 0.5 if short else 0.72
        yield patch(f"import `{path}`", sure - 0.1 * number, imported(site.file, path, site.place))
        if not short and number < 2 and not missing.is_type:
            yield patch(f"name `{path}`", 0.45 - 0.1 * number, site.file.replace(site.place, path))


def _of_other_numbers(site: Site, path: str) -> bool:
    """Whether it is a constant of a type of numbers that the function around it does not speak of: of two `PI` the one
    of `f64` is meant where that is what is calculated with."""
    found = _OF_NUMBERS.search(path)
    around = site.up("function_item") or site.file.root
    return found is not None and re.search(rf"\b{found[1]}\b", site.file.text(around)) is None


def _of_enum(path: str) -> str:
    """A variant is named with its enum. Empty for what is no variant."""
    owner = path.split("::")[-2]
    return path if owner[:1].isupper() and path.rpartition("::")[2][:1].isupper() else ""


def _from_above(site: Site, paths: list[str]) -> Iterator[Patch]:
    """In a module of tests, all of the module that it tests."""
    module = next((one for one in ancestors(site.node) if one.type == "mod_item"), None)
    name = module.child_by_field_name("name") if module is not None else None
    if module is None or name is None:
        return
    outer = Place(site.file.path, module.start_byte, module.start_byte)
    there = site.context.symbols.names_in("self", outer)
    if site.text in there and any(path.startswith("crate") for path in paths) and not _has_glob(site, module):
        sure = 0.85 if "test" in site.file.text(name) else 0.45
        yield patch("import what the module around it has", sure, site.file.insert_use("super::*", site.place))


def _has_glob(site: Site, module: Node) -> bool:
    return any("super::*" in site.file.text(one) for one in site.file.walk("use_declaration", within=module))


PLUGIN = Mend(
    codes=("E0425", "E0412", "E0422"),
    title="bring it into scope from where it is",
    cites=(
        "docs:error_codes/E0425.html",
        "docs:error_codes/E0422.html",
        "docs:book/ch07-04-bringing-paths-into-scope-with-the-use-keyword.html",
    ),
    examples=(
        Example(
            """
mod shapes {
    pub fn area() -> u8 {
        1
    }
}
pub fn total() -> u8 {
    area()
}
""",
            """
use crate::shapes::area;

mod shapes {
    pub fn area() -> u8 {
        1
    }
}
pub fn total() -> u8 {
    area()
}
""",
        ),
        Example(
            """
mod shapes {
    pub struct Circle;
    pub struct Square;
}
pub fn sides(_circle: &Circle, _square: &Square) -> Rc<u8> {
    Rc::new(4)
}
""",
            """
use crate::shapes::{Circle, Square};
use std::rc::Rc;

mod shapes {
    pub struct Circle;
    pub struct Square;
}
pub fn sides(_circle: &Circle, _square: &Square) -> Rc<u8> {
    Rc::new(4)
}
""",
        ),
        Example(
            """
pub fn write() -> Result<(), IoError> {
    Ok(())
}
""",
            """
use std::io::Error as IoError;

pub fn write() -> Result<(), IoError> {
    Ok(())
}
""",
        ),
        Example(
            """
pub enum Color {
    Red,
    Blue,
}
pub fn first() -> Color {
    Red
}
""",
            """
pub enum Color {
    Red,
    Blue,
}
pub fn first() -> Color {
    Color::Red
}
""",
        ),
        Example(
            """
pub fn double(one: u8) -> u8 {
    one * 2
}
pub mod tests {
    pub fn it_doubles() -> bool {
        double(2) == 4
    }
}
""",
            """
pub fn double(one: u8) -> u8 {
    one * 2
}
pub mod tests {
    use super::*;

    pub fn it_doubles() -> bool {
        double(2) == 4
    }
}
""",
        ),
        Example(
            """
pub mod shapes {
    pub struct Point {
        pub x: i32,
    }
}
pub fn origin() -> shapes::Point {
    Point { x: 0 }
}
""",
            """
use crate::shapes::Point;

pub mod shapes {
    pub struct Point {
        pub x: i32,
    }
}
pub fn origin() -> shapes::Point {
    Point { x: 0 }
}
""",
        ),
        Example(
            """
pub fn area(radius: f64) -> f64 {
    radius * radius * PI
}
""",
            """
use std::f64::consts::PI;

pub fn area(radius: f64) -> f64 {
    radius * radius * PI
}
""",
        ),
        Example(
            """
pub fn count(words: &HashMap<String, u32>) -> usize {
    words.len()
}
""",
            """
use std::collections::HashMap;

pub fn count(words: &HashMap<String, u32>) -> usize {
    words.len()
}
""",
        ),
    ),
    patches=_patches,
)
