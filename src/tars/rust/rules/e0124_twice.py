"""Mends what is given twice: fields, values of fields, numbers of variants, items of an implementation."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import calls_of, declared_type, fields, name_of, variants
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, delete_from_list, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    code = site.diagnostic.code
    if code == "E0062":
        yield from _initializer(site)
    elif code == "E0025":
        yield from _bound(site)
    elif code == "E0370":
        yield patch("begin again at 0", 0.45, site.file.insert(site.place.end, " = 0"))
    elif code == "E0124":
        yield from _field(site)
    elif code == "E0081":
        yield from _numbers(site)
    else:
        yield from _function(site)


def _initializer(site: Site) -> Iterator[Patch]:
    """A field given two values: the second is meant for the one field that has none, or is the same again."""
    own = site.up("field_initializer", "shorthand_field_initializer")
    struct = site.up("struct_expression")
    body = struct.child_by_field_name("body") if struct else None
    name = struct.child_by_field_name("name") if struct else None
    if own is None or struct is None or body is None or name is None:
        return
    given = children(body)
    named = [site.file.text(one.named_children[0]) for one in given if one.named_children]
    found = declared_type(site.context, site.file.text(name))
    left = [field for field, _ in fields(*found) if field not in named] if found else []
    if len(left) == 1 and own.type == "field_initializer":
        field = own.named_children[0]
        yield patch(f"give the second to `{left[0]}`", 0.65, site.file.replace(field, left[0]))
        return
    yield patch("give it one value", 0.5, delete_from_list(site.file, given, own))
    first = next(one for one in given if one.named_children and site.file.text(one.named_children[0]) == site.words[0])
    if site.file.text(first) != site.file.text(own):
        yield patch("give it the later value", 0.4, delete_from_list(site.file, given, first))


def _bound(site: Site) -> Iterator[Patch]:
    """A field that a pattern names twice: the second is meant for the one that it does not name."""
    pattern, own = site.up("struct_pattern"), site.up("field_pattern")
    type_ = pattern.child_by_field_name("type") if pattern else None
    name = own.child_by_field_name("name") if own else None
    found = declared_type(site.context, site.file.text(type_)) if type_ else None
    if pattern is None or name is None or found is None:
        return
    given = [site.file.text(one.child_by_field_name("name") or one) for one in children(pattern, "field_pattern")]
    left = [field for field, _ in fields(*found) if field not in given]
    if len(left) == 1:
        yield patch(f"the second is `{left[0]}`", 0.65, site.file.replace(name, left[0]))


def _field(site: Site) -> Iterator[Patch]:
    own = site.up("field_declaration")
    listed = own.parent if own else None
    label = site.label("first declared here")
    if own is None or listed is None or label is None:
        return
    given = children(listed)
    first, second = site.file.text(label.place), site.file.text(own)
    name = own.child_by_field_name("name")
    if first == second:
        yield patch("declare it once", 0.6, delete_from_list(site.file, given, own))
    if name is not None:
        number = 2
        taken = {site.file.text(one.child_by_field_name("name") or one) for one in given}
        while f"{site.file.text(name)}{number}" in taken:
            number += 1
        yield patch("give the second another name", 0.4, site.file.replace(name, f"{site.file.text(name)}{number}"))


def _numbers(site: Site) -> Iterator[Patch]:
    """The second variant of a number gets the next one that is free."""
    enum = site.up("enum_item")
    labels = [label for label in site.labels() if "assigned here" in label.text and label.place.path == site.file.path]
    if enum is None or len(labels) < 2:
        return
    numbers: set[int] = set()
    following = 0
    for variant in variants(enum):
        value = variant.child_by_field_name("value")
        text = site.file.text(value).replace("_", "") if value else ""
        following = int(text) if re.fullmatch(r"-?\d+", text) else following
        numbers.add(following)
        following += 1
    last = labels[-1].place
    free = max(numbers) + 1
    second = site.file.node_of(last, "enum_variant")
    value = second.child_by_field_name("value") if second else None
    for candidate in range(min(numbers) + 1, max(numbers) + 2):
        if candidate not in numbers:
            free = candidate
            break
    if value is not None:
        yield patch(f"give the second the number {free}", 0.5, site.file.replace(value, str(free)))


def _function(site: Site) -> Iterator[Patch]:
    """A function or item defined twice: once, where both are the same; else the second gets another name."""
    own = site.up("function_item", "associated_type", "type_item", "const_item")
    other = site.label("other definition") or site.label("previous definition")
    if own is None or other is None:
        return
    first = site.file_of(other.place).node_of(other.place, own.type)
    impl = next((one for one in ancestors(own) if one.type == "impl_item"), None)
    if first is None or impl is None:
        return
    same = _squeezed(site, own) == _squeezed(site, first)
    if same or impl.child_by_field_name("trait") is not None:
        yield patch("define it once", 0.55 if same else 0.25, site.file.delete(own))
    name = own.child_by_field_name("name")
    if impl.child_by_field_name("trait") is None and name is not None:
        text = name_of(site.file, own)
        called = any(True for _ in calls_of(site.context, text))
        yield patch("give the second another name", 0.35 if called else 0.5, site.file.replace(name, f"{text}_2"))


def _squeezed(site: Site, node: Node) -> str:
    return re.sub(r"//[^\n]*|\s+", "", site.file.text(node))


PLUGIN = Mend(
    codes=("E0025", "E0062", "E0081", "E0124", "E0201", "E0370", "E0592"),
    title="say once what is said twice",
    cites=("docs:error_codes/E0124.html", "docs:error_codes/E0081.html"),
    examples=(
        Example(
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
pub fn sum(point: Point) -> i32 {
    let Point { x: one, x: other } = point;
    one + other
}
""",
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
pub fn sum(point: Point) -> i32 {
    let Point { x: one, y: other } = point;
    one + other
}
""",
        ),
        Example(
            """
#[repr(u8)]
pub enum Level {
    Low = 255,
    High,
}
""",
            """
#[repr(u8)]
pub enum Level {
    Low = 255,
    High = 0,
}
""",
        ),
        Example(
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
pub fn at() -> Point {
    Point { x: 1, x: 2 }
}
""",
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
pub fn at() -> Point {
    Point { x: 1, y: 2 }
}
""",
        ),
        Example(
            """
pub enum Level {
    Low = 1,
    Mid = 1,
    High = 3,
}
""",
            """
pub enum Level {
    Low = 1,
    Mid = 2,
    High = 3,
}
""",
        ),
        Example(
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
    pub x: i32,
}
""",
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
""",
        ),
        Example(
            """
pub trait Loud {
    fn call(&self);
}
pub struct Dog;
impl Loud for Dog {
    fn call(&self) {}
    fn call(&self) {}
}
""",
            """
pub trait Loud {
    fn call(&self);
}
pub struct Dog;
impl Loud for Dog {
    fn call(&self) {}
    
}
""",
        ),
        Example(
            """
pub struct Dog;
impl Dog {
    pub fn age() -> u8 {
        1
    }
    pub fn age() -> u8 {
        2
    }
}
""",
            """
pub struct Dog;
impl Dog {
    pub fn age() -> u8 {
        1
    }
    pub fn age_2() -> u8 {
        2
    }
}
""",
        ),
    ),
    patches=_patches,
)
