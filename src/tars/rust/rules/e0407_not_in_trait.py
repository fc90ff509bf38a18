"""Finds a place for what an `impl` of a trait has and the trait has not: its real name, the trait, or the type."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.items import Found, declared_trait, declared_type, items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, children, deleted_line, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_MEMBERS = ("function_item", "type_item", "const_item", "function_signature_item", "associated_type")
_SAME = {
    "function_item": ("function_item", "function_signature_item"),
    "type_item": ("type_item", "associated_type"),
    "const_item": ("const_item",),
}


def _patches(site: Site) -> Iterator[Patch]:
    member, impl = site.up(*_MEMBERS), site.up("impl_item")
    body = impl.child_by_field_name("body") if impl else None
    if member is None or impl is None or body is None:
        return
    trait = declared_trait(site.context, trait_of(site.file, impl))
    yield from _misspelt(site, member, body, trait)
    if trait is not None:
        yield from _declared(site, member, impl, trait)
    yield from _moved(site, member, impl)


def _misspelt(site: Site, member: Node, body: Node, trait: Found | None) -> Iterator[Patch]:
    """The trait's members that the `impl` lacks, where one is spelt alike, or is the only one left."""
    name = name_of(site.file, member)
    there = {name_of(site.file, one) for one in children(body, *_MEMBERS)}
    field = member.child_by_field_name("name")
    if field is None:
        return
    if trait is not None:
        inner = trait[1].child_by_field_name("body")
        declared = children(inner, *_SAME[member.type]) if inner and member.type in _SAME else []
        left = [one for one in declared if name_of(trait[0], one) not in there]
        required = [name_of(trait[0], one) for one in left if one.child_by_field_name("body") is None]
        known = [name_of(trait[0], one) for one in left]
    else:
        methods = site.context.symbols.methods_of(trait_of(site.file, site.up("impl_item") or body))
        known = [one.name for one in methods if one.name not in there and member.type == "function_item"]
        required = []
    for wanted in nearest(name, known)[:2]:
        yield patch(f"call it `{wanted}`, as the trait does", 0.66, site.file.replace(field, wanted))
    if len(required) == 1 and required[0] not in nearest(name, known):
        yield patch(f"it is the trait's `{required[0]}`", 0.45, site.file.replace(field, required[0]))


def _declared(site: Site, member: Node, impl: Node, trait: Found) -> Iterator[Patch]:
    """The trait declares it too; for a second implementation without it, as a default."""
    file, node = trait
    body = node.child_by_field_name("body")
    if body is None:
        return
    here = (site.file.path, impl.start_byte)
    others = [
        {name_of(other, part) for part in children(inner, *_MEMBERS)}
        for other, one in items(site.context, "impl_item")
        if re.sub(r"<.*", "", trait_of(other, one)).rpartition("::")[2] == name_of(file, node)
        and (other.path, one.start_byte) != here
        and (inner := one.child_by_field_name("body")) is not None
    ]
    if any(name_of(site.file, member) not in names for names in others):
        return
    change = _inserted(file, body, _declaration(site.file, member))
    yield patch("declare it in the trait", 0.4 if member.type == "function_item" else 0.5, change)


def _declaration(file: SourceFile, member: Node) -> str:
    if member.type == "type_item":
        name = member.child_by_field_name("name")
        return f"type {file.text(name) if name else ''};"
    end = member.child_by_field_name("body") or member.child_by_field_name("value")
    stop = end.start_byte if end is not None else member.end_byte
    return file.data[member.start_byte : stop].decode("utf-8", "replace").rstrip(" \n\t=;") + ";"


def _inserted(file: SourceFile, body: Node, text: str) -> Change:
    """A line more at the end of a body in braces."""
    inner = children(body)
    indent = file.indent(inner[-1].start_byte) if inner else file.indent(body.start_byte) + "    "
    if inner and file.data[inner[-1].end_byte : body.end_byte].count(b"\n"):
        return file.insert(inner[-1].end_byte, f"\n{indent}{text}")
    outer = file.indent(body.start_byte)
    if inner:
        return file.insert(body.end_byte - 1, f"{text} ")
    return file.replace(body, f"{{\n{indent}{text}\n{outer}}}")


def _moved(site: Site, member: Node, impl: Node) -> Iterator[Patch]:
    """It becomes the type's own, where the type is this crate's."""
    subject = impl.child_by_field_name("type")
    if subject is None or member.type == "type_item" or declared_type(site.context, site.file.text(subject)) is None:
        return
    text = site.file.text(member)
    own = next(
        (
            one
            for file, one in items(site.context, "impl_item")
            if file.path == site.file.path
            and one.child_by_field_name("trait") is None
            and one.child_by_field_name("body")
            and (kind := one.child_by_field_name("type")) and file.text(kind) == site.file.text(subject)
        ),
        None,
    )  # fmt: skip
    body = own.child_by_field_name("body") if own else None
    gone = deleted_line(site.file, member)
    if body is not None:
        yield patch("move it to the type's own `impl`", 0.5, gone, _inserted(site.file, body, text))
        return
    generics, where = impl.child_by_field_name("type_parameters"), children(impl, "where_clause")
    head = f"impl{site.file.text(generics) if generics else ''} {site.file.text(subject)}"
    head += f" {site.file.text(where[0])}" if where else ""
    indent, inner = site.file.indent(impl.start_byte), site.file.indent(member.start_byte)
    inner = inner if inner != indent else f"{indent}    "
    new = f"\n\n{indent}{head} {{\n{inner}{text}\n{indent}}}"
    yield patch("move it to an `impl` of the type alone", 0.5, gone, site.file.insert(impl.end_byte, new))


PLUGIN = Mend(
    codes=("E0407", "E0437", "E0438"),
    title="find the place of what the trait does not have",
    cites=(
        "docs:error_codes/E0407.html",
        "docs:error_codes/E0437.html",
        "docs:error_codes/E0438.html",
        "docs:reference/items/implementations.html",
    ),
    examples=(
        Example(
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub struct Square(pub f64);
impl Shape for Square {
    fn size(&self) -> f64 {
        self.0 * self.0
    }
}
""",
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub struct Square(pub f64);
impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}
""",
        ),
        Example(
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub struct Square(pub f64);
impl Shape for Square {
    fn area(&self) -> f64 {
        self.side() * self.side()
    }
    fn side(&self) -> f64 {
        self.0
    }
}
""",
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub struct Square(pub f64);
impl Shape for Square {
    fn area(&self) -> f64 {
        self.side() * self.side()
    }
}

impl Square {
    fn side(&self) -> f64 {
        self.0
    }
}
""",
        ),
        Example(
            """
pub trait Shape {}
impl Shape for u8 {
    type Unit = f64;
}
""",
            """
pub trait Shape {
    type Unit;
}
impl Shape for u8 {
    type Unit = f64;
}
""",
        ),
        Example(
            """
pub trait Shape {
    fn area(&self) -> u8;
}
impl Shape for u8 {
    const SIDES: u8 = 4;
    fn area(&self) -> u8 {
        *self
    }
}
""",
            """
pub trait Shape {
    fn area(&self) -> u8;
    const SIDES: u8;
}
impl Shape for u8 {
    const SIDES: u8 = 4;
    fn area(&self) -> u8 {
        *self
    }
}
""",
        ),
    ),
    patches=_patches,
)
