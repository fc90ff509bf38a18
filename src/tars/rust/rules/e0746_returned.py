"""Returns a trait object behind what its values are already behind, in a `Box` where they are of several types, and as
`impl Trait` where they are of one."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, parameters, return_type
from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.tails import given_by
from tars.rust.rules_support.types import parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_POINTER = re.compile(r"(Box|Rc|Arc)::(new|from)\(")


def _patches(site: Site) -> Iterator[Patch]:
    function = site.up("function_item")
    returned = function.child_by_field_name("return_type") if function is not None else None
    body = function.child_by_field_name("body") if function is not None else None
    if function is None or returned is None or body is None or not site.text.startswith("dyn "):
        return
    given = given_by(function)
    behind = [_behind(site, one) for one in given]
    pointers = {one for one in behind if one}
    inner = site.text if " + " not in site.text else f"({site.text})"
    if len(pointers) == 1 and "&" in pointers:
        if all(behind):
            yield patch("return it as the loan that it is", 0.8, site.file.replace(site.place, f"&{inner}"))
        return
    pointer = pointers.pop() if len(pointers) == 1 else "Box"
    changes: list[Change] = [site.file.replace(site.place, f"{pointer}<{site.text}>")]
    for one, kept in zip(given, behind, strict=True):
        changes += (
            [] if kept else [site.file.insert(one.start_byte, f"{pointer}::new("), site.file.insert(one.end_byte, ")")]
        )
    several = len({_maker(site.file, one) for one in given}) > 1
    if given and (several or any(behind)):
        yield patch(f"return it in `{pointer}`", 0.85 if any(behind) else 0.72, *changes)
    elif given:
        plain = re.sub(r"^dyn\b", "impl", site.text)
        yield patch("return the one type that it is", 0.8, site.file.replace(site.place, plain))


def _behind(site: Site, value: Node) -> str:
    """The pointer that a value is behind as it is written, or as the function that is called declares; empty else."""
    text = site.file.text(value)
    if value.type == "reference_expression":
        return "&"
    if found := _POINTER.match(text):
        return found[1]
    if value.type == "identifier":
        function = enclosing_function(value)
        for one in parameters(function) if function is not None else ():
            pattern, type_ = one.child_by_field_name("pattern"), one.child_by_field_name("type")
            if pattern is not None and type_ is not None and site.file.text(pattern) == text:
                return _pointer(site.file.text(type_))
    called = value.child_by_field_name("function") if value.type == "call_expression" else None
    name = site.file.text(called).rpartition("::")[2] if called is not None else ""
    for file, function in items(site.context, "function_item", name=name) if name else ():
        given = return_type(file, function)
        if given is not None and not any(one.type == "trait_item" for one in ancestors(function)):
            return _pointer(str(given))
    return ""


def _pointer(type_: str) -> str:
    head = parse_type(type_).head
    return head if head in ("&", "Box", "Rc", "Arc") else ""


def _maker(file: SourceFile, value: Node) -> str:
    """What a value is made with, which stands for its type: `Circle { … }`, `Circle::new(…)`, `Circle`; each closure is
    of a type of its own."""
    if value.type == "closure_expression":
        return f"closure {value.start_byte}"
    text = file.text(value)
    found = re.match(r"(?:\w+::)*([A-Z]\w*)", text)
    return found[1] if found else text


PLUGIN = Mend(
    codes=("E0746",),
    title="return a trait object behind a pointer, or as the type that it is",
    cites=(
        "docs:error_codes/E0746.html",
        "docs:reference/types/trait-object.html",
        "docs:reference/types/impl-trait.html",
    ),
    examples=(
        Example(
            """
pub trait Shape {}
pub struct Circle;
pub struct Square(u8);
impl Shape for Circle {}
impl Shape for Square {}
fn circle() -> Box<dyn Shape> {
    Box::new(Circle)
}
pub fn shape(sides: u8) -> dyn Shape {
    if sides == 0 {
        return circle();
    }
    match sides {
        1 => Box::new(Circle),
        _ => Square(sides),
    }
}
""",
            """
pub trait Shape {}
pub struct Circle;
pub struct Square(u8);
impl Shape for Circle {}
impl Shape for Square {}
fn circle() -> Box<dyn Shape> {
    Box::new(Circle)
}
pub fn shape(sides: u8) -> Box<dyn Shape> {
    if sides == 0 {
        return circle();
    }
    match sides {
        1 => Box::new(Circle),
        _ => Box::new(Square(sides)),
    }
}
""",
        ),
        Example(
            """
pub trait Shape {}
pub fn larger(one: &dyn Shape, _other: u8) -> dyn Shape {
    one
}
""",
            """
pub trait Shape {}
pub fn larger(one: &dyn Shape, _other: u8) -> &dyn Shape {
    one
}
""",
        ),
        Example(
            """
pub fn adder(by: u8) -> dyn Fn(u8) -> u8 {
    move |one| one + by
}
""",
            """
pub fn adder(by: u8) -> impl Fn(u8) -> u8 {
    move |one| one + by
}
""",
        ),
    ),
    patches=_patches,
)
