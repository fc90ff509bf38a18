"""Names the type that is meant where a variant, a module or a value stands for one."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.items import TYPES, fields, items, name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.names import camel
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0574":
        yield from _literal(site)
        return
    message = site.diagnostic.message
    written = site.text
    if "variant" in message:
        yield from _of_variant(site, written)
    elif "module" in message:
        for full in _types_in(site, written.rpartition("::")[2]):
            yield patch(f"`{full}` is meant", 0.55, site.file.replace(site.place, f"{written}::{full}"))
    name = written.rpartition("::")[2]
    names = [name_of(file, node) for file, node in items(site.context, *TYPES, "type_item", "trait_item")]
    same = [one for one in names if one == camel(name) and one != name]
    for wanted in dict.fromkeys([*same, *nearest(name, names)[:2]]):
        yield patch(f"`{wanted}` is meant", 0.5, site.file.replace(site.place, wanted))


def _of_variant(site: Site, written: str) -> Iterator[Patch]:
    """The enum of a variant; a variant is no type."""
    *owners, name = written.split("::")
    if owners and owners[-1][:1].isupper():
        yield patch("the enum is the type", 0.72, site.file.replace(site.place, "::".join(owners)))
        return
    for file, enum in items(site.context, "enum_item"):
        if any(name_of(file, one) == name for one in file.walk("enum_variant", within=enum)):
            yield patch("the enum is the type", 0.7, site.file.replace(site.place, name_of(file, enum)))


def _types_in(site: Site, module: str) -> list[str]:
    """The types that a module of that name declares; one that is called like it first."""
    found = []
    for file, node in items(site.context, *TYPES, "type_item"):
        holder = next((one for one in ancestors(node) if one.type == "mod_item"), None)
        inside = holder is not None and name_of(file, holder) == module
        if inside or re.search(rf"(^|/){module}(\.rs|/mod\.rs)$", file.path):
            found.append(name_of(file, node))
    return sorted(found, key=lambda name: (name != camel(module), name))[:3]


def _literal(site: Site) -> Iterator[Patch]:
    """A literal or pattern of an enum or a module: the variant or struct in it that has such fields."""
    whole = site.up("struct_expression", "struct_pattern")
    if whole is None:
        return
    asked = _asked(site.file, whole)
    name = site.text.rpartition("::")[2]
    inside = _types_in(site, name)
    for file, node in items(site.context, "enum_item", *TYPES):
        if node.type == "enum_item" and name_of(file, node) == name:
            for variant in file.walk("enum_variant", within=node):
                if _fits(file, variant, asked, whole):
                    text = f"{site.text}::{name_of(file, variant)}"
                    yield patch(f"`{text}` is meant", 0.72, site.file.replace(site.place, text))
        elif node.type == "struct_item" and name_of(file, node) in inside and _fits(file, node, asked, whole):
            text = f"{site.text}::{name_of(file, node)}"
            yield patch(f"`{text}` is meant", 0.7, site.file.replace(site.place, text))


def _asked(file: SourceFile, whole: Node) -> set[str]:
    asked = set()
    for one in file.walk("field_initializer", "shorthand_field_initializer", "field_pattern", within=whole):
        field = one.child_by_field_name("field") or one.child_by_field_name("name")
        asked.add(file.text(field) if field is not None else file.text(one))
    return asked


def _fits(file: SourceFile, declared: Node, asked: set[str], whole: Node) -> bool:
    own = {name for name, _ in fields(file, declared)}
    open_ended = whole.type == "struct_pattern" and b".." in file.data[whole.start_byte : whole.end_byte]
    return asked <= own if open_ended else asked == own


PLUGIN = Mend(
    codes=("E0573", "E0574"),
    title="name the type that is meant",
    cites=("docs:error_codes/E0573.html", "docs:error_codes/E0574.html", "docs:book/ch06-01-defining-an-enum.html"),
    examples=(
        Example(
            """
pub enum Dragon {
    Born,
}
pub fn oblivion() -> Dragon::Born {
    Dragon::Born
}
""",
            """
pub enum Dragon {
    Born,
}
pub fn oblivion() -> Dragon {
    Dragon::Born
}
""",
        ),
        Example(
            """
mod shape {
    pub struct Shape;
}
pub fn make() -> shape {
    shape::Shape
}
""",
            """
mod shape {
    pub struct Shape;
}
pub fn make() -> shape::Shape {
    shape::Shape
}
""",
        ),
        Example(
            """
pub enum Jak {
    Daxter { i: isize },
    Keira,
}
pub fn make() -> Jak {
    Jak { i: 1 }
}
""",
            """
pub enum Jak {
    Daxter { i: isize },
    Keira,
}
pub fn make() -> Jak {
    Jak::Daxter { i: 1 }
}
""",
        ),
    ),
    patches=_patches,
)
