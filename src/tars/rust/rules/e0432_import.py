"""Mends an import of what is not there: from the crate's root, from where the name really is, or spelt right."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.spelling import nearest
from tars.rust.graph.uses import Use
from tars.rust.rules_support.items import items
from tars.rust.rules_support.mend import Mend, Site, deleted_line, patch
from tars.rust.rules_support.names import mentions
from tars.rust.rules_support.paths import import_changed, imports_around, undeclared_files
from tars.rust.rules_support.reexports import given_out
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    found = imports_around(site.file, site.place)
    if not found:
        return
    yield from _undeclared(site)
    if len(site.words) > 1 and (shared := site.up("scoped_use_list")) is not None:
        # One message tells of all the names in a list.
        whole = [one for one in imports_around(site.file, site.file.place(shared)) if one.path in site.words]
        found = whole if len(whole) == len(site.words) else found
    if len(found) > 1:
        yield from _together(site, found)
        return
    (one,) = found
    name = one.path.rpartition("::")[2]
    paths = [path for path in site.context.symbols.paths_of(name, site.place) if "::" in path and path != one.path]
    paths.sort(key=lambda path: not path.endswith(f"::{one.path}"))
    for number, path in enumerate(paths[:4]):
        changes = import_changed(site.file, one, path)
        if changes:
            yield patch(f"import `{path}`", 0.74 - 0.1 * number, *changes)
    yield from given_out(site, name)
    yield from _through_alias(site, one)
    yield from _spelt(site, one, name)
    yield from _unused(site, one)


def _undeclared(site: Site) -> Iterator[Patch]:
    """The module's file is there, but nothing declares it."""
    name = site.text.partition("::")[0].partition(" ")[0]
    for path in list(undeclared_files(site.context, name))[:1]:
        declaration = site.up("use_declaration")
        if declaration is not None and "/" not in path:
            yield patch(
                f"declare the module that is in {path}", 0.8, site.file.insert(declaration.start_byte, f"mod {name};\n")
            )


def _through_alias(site: Site, one: Use) -> Iterator[Patch]:
    """An alias is no module: what it stands for is."""
    found = re.search(r"`(\w+)` is a type alias", " ".join(label.text for label in site.labels()))
    for file, alias in items(site.context, "type_item", name=found[1]) if found is not None else ():
        target = alias.child_by_field_name("type")
        parts = one.path.split("::")
        if target is not None and found is not None and found[1] in parts:
            meant = re.sub(r"<.*", "", file.text(target)).rpartition("::")[2]
            path = "::".join(meant if part == found[1] else part for part in parts)
            yield patch(f"import it through `{meant}`", 0.68, *import_changed(site.file, one, path))


def _together(site: Site, found: list[Use]) -> Iterator[Patch]:
    """A part that several imports share: where they all are really."""
    shared = site.up("scoped_use_list")
    path = shared.child_by_field_name("path") if shared else None
    if path is None:
        return
    before = site.file.text(path).replace(" ", "")
    yield from _spelt_on_the_way(site, before, path)
    first = found[0].path
    tail = first[first.index(before) + len(before) :] if before in first else ""
    if not tail:
        return
    seen = set()
    for full in site.context.symbols.paths_of(first.rpartition("::")[2], site.place):
        head = full.removesuffix(tail)
        head = f"core{head.removeprefix('std')}" if before.startswith("core::") and head.startswith("std::") else head
        if head != full and head != before and head not in seen:
            seen.add(head)
            yield patch(f"import them from `{head}`", 0.72 - 0.1 * len(seen), site.file.replace(path, head))


def _spelt(site: Site, one: Use, name: str) -> Iterator[Patch]:
    """Names like it where it is looked for, and modules like it on the way there."""
    symbols = site.context.symbols
    before = one.path.rpartition("::")[0]
    for number, wanted in enumerate(nearest(name, symbols.names_in(before, site.place))[:2]):
        changes = import_changed(site.file, one, f"{before}::{wanted}")
        if one.name == name and changes:
            elsewhere = mentions(site.file, site.file.root, name)
            outside = [place for place in elsewhere if not one.start <= place.start < one.end]
            changes += [site.file.replace(place, wanted) for place in outside]
        yield patch(f"`{wanted}` is meant", 0.67 - 0.1 * number, *changes)
    parts = one.path.split("::")
    failing = site.text.rpartition("::")[2].partition(" ")[0]
    if failing in parts[:-1]:
        at = parts.index(failing)
        inside = symbols.names_in("::".join(parts[:at]) or "self", site.place)
        for wanted in nearest(failing, inside)[:2]:
            whole = "::".join([*parts[:at], wanted, *parts[at + 1 :]])
            there = parts[at + 1] in symbols.names_in("::".join([*parts[:at], wanted]), site.place)
            changes = import_changed(site.file, one, whole)
            yield patch(f"`{wanted}` is meant", 0.78 if there else 0.66, *changes)


def _spelt_on_the_way(site: Site, before: str, path: Node) -> Iterator[Patch]:
    """A module like the one that several imports share."""
    holder, _, name = before.rpartition("::")
    for number, wanted in enumerate(nearest(name, site.context.symbols.names_in(holder or "self", site.place))[:2]):
        text = f"{holder}::{wanted}" if holder else wanted
        yield patch(f"`{wanted}` is meant", 0.76 - 0.1 * number, site.file.replace(path, text))


def _unused(site: Site, one: Use) -> Iterator[Patch]:
    """An import of what is nowhere, and that nothing uses."""
    declaration = site.up("use_declaration")
    known = site.context.symbols.paths_of(one.path.rpartition("::")[2])
    if declaration is None or known or one.visibility or one.name in ("*", "_"):
        return
    used = [place for place in mentions(site.file, site.file.root, one.name) if not one.start <= place.start < one.end]
    alone = declaration.start_byte <= one.start and site.file.text(declaration).count(",") == 0
    if not used and alone:
        gone: Change = deleted_line(site.file, declaration)
        yield patch(f"drop the import: nothing uses `{one.name}`, and it is nowhere", 0.12, gone)


PLUGIN = Mend(
    codes=("E0432",),
    title="import it from where it is",
    cites=(
        "docs:error_codes/E0432.html",
        "docs:reference/items/use-declarations.html",
        "docs:book/ch07-04-bringing-paths-into-scope-with-the-use-keyword.html",
    ),
    examples=(
        Example(
            "use core::os::{Add, Sub};\n\npub fn both<T: Add + Sub>(_one: T) {}\n",
            "use core::ops::{Add, Sub};\n\npub fn both<T: Add + Sub>(_one: T) {}\n",
        ),
        Example(
            """
use round::Circle;
pub mod shapes {
    pub mod round {
        pub struct Circle;
    }
}
pub fn one() -> Circle {
    Circle
}
""",
            """
use crate::shapes::round::Circle;
pub mod shapes {
    pub mod round {
        pub struct Circle;
    }
}
pub fn one() -> Circle {
    Circle
}
""",
        ),
        Example(
            """
use std::collections::{HashMap, Rc};
pub fn one() -> Rc<HashMap<u8, u8>> {
    Rc::new(HashMap::new())
}
""",
            """
use std::rc::Rc;
use std::collections::HashMap;
pub fn one() -> Rc<HashMap<u8, u8>> {
    Rc::new(HashMap::new())
}
""",
        ),
        Example(
            """
use std::colections::{HashMap, HashSet};
pub fn one(all: &HashSet<u8>) -> HashMap<u8, u8> {
    all.iter().map(|one| (*one, *one)).collect()
}
""",
            """
use std::collections::{HashMap, HashSet};
pub fn one(all: &HashSet<u8>) -> HashMap<u8, u8> {
    all.iter().map(|one| (*one, *one)).collect()
}
""",
        ),
        Example(
            """
use mem::{self, MaybeUninit};
pub fn size() -> usize {
    mem::size_of::<MaybeUninit<u8>>()
}
""",
            """
use std::mem::{self, MaybeUninit};
pub fn size() -> usize {
    mem::size_of::<MaybeUninit<u8>>()
}
""",
        ),
        Example(
            """
use std::collections::Hashmap;
pub fn one() -> Hashmap<u8, u8> {
    Hashmap::new()
}
""",
            """
use std::collections::HashMap;
pub fn one() -> HashMap<u8, u8> {
    HashMap::new()
}
""",
        ),
        Example(
            """
use m::Shade::Dark;
mod m {
    pub enum Color {
        Dark,
    }
    pub type Shade = Color;
}
pub fn first() -> m::Color {
    Dark
}
""",
            """
use m::Color::Dark;
mod m {
    pub enum Color {
        Dark,
    }
    pub type Shade = Color;
}
pub fn first() -> m::Color {
    Dark
}
""",
        ),
        Example(
            """
use shapes::area;
pub fn one() -> u8 {
    area()
}
""",
            """
mod shapes;
use shapes::area;
pub fn one() -> u8 {
    area()
}
""",
            files={"shapes.rs": "pub fn area() -> u8 {\n    1\n}\n"},
        ),
    ),
    patches=_patches,
)
