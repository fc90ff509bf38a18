"""Mends struct expressions that give a field which there is not."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.core.near import close_matches
from tars.rust.rules_support.items import Found, declared_type, fields, items, name_of
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.values import Example, Patch

_TYPES = {
    "integer_literal": "i32", "float_literal": "f64", "string_literal": "&'static str", "boolean_literal": "bool",
    "char_literal": "char",
}  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    struct, own = site.up("struct_expression"), site.up("field_initializer", "shorthand_field_initializer")
    body = struct.child_by_field_name("body") if struct else None
    found = _declaration(site)
    if struct is None or own is None or body is None or found is None:
        return
    given = {site.file.text(one.named_children[0]) for one in children(body) if one.named_children}
    left = [name for name, _ in fields(*found) if name not in given]
    near = close_matches(site.text, left, n=1) or (left if len(left) == 1 else [])
    for name in near:
        shorthand = own.type == "shorthand_field_initializer"
        text = f"{name}: {site.text}" if shorthand else name
        yield patch(f"the field is called `{name}`", 0.6, site.file.replace(site.place, text))
    if not left:
        yield patch("give only the fields that there are", 0.4, delete_from_list(site.file, children(body), own))
    yield from _declared(site, own, found)


def _declaration(site: Site) -> Found | None:
    owner, _, last = site.words[0].rpartition("::") if site.words else ("", "", "")
    if owner:
        for file, enum in items(site.context, "enum_item", name=owner.rpartition("::")[2]):
            for variant in file.walk("enum_variant", within=enum):
                if name_of(file, variant) == last:
                    return file, variant
    return declared_type(site.context, last) if last else None


def _declared(site: Site, own: Node, found: Found) -> Iterator[Patch]:
    """The struct gets the field."""
    file, node = found
    value = own.child_by_field_name("value")
    if value is None or not fields(file, node) or fields(file, node)[0][0].isdigit():
        return
    type_ = _TYPES.get(value.type)
    if type_ is None:
        (type_,) = site.context.types([site.file.place(value)])
    if not type_ or "{" in type_ or "_" in type_:
        return
    last = list(file.walk("field_declaration", within=node))[-1]
    apart = file.line_start(last.start_byte) != file.line_start(node.start_byte)
    text = f",\n{file.indent(last.start_byte)}{site.text}: {type_}" if apart else f", {site.text}: {type_}"
    yield patch(f"declare `{site.text}` in the struct", 0.3, file.insert(last.end_byte, text))


PLUGIN = Mend(
    codes=("E0559", "E0560"),
    title="give a field that there is",
    cites=("docs:error_codes/E0560.html", "docs:book/ch05-01-defining-structs.html"),
    examples=(
        Example(
            """
pub enum Shape {
    Dot { x: u32 },
}
pub fn dot() -> Shape {
    Shape::Dot { at: 1 }
}
""",
            """
pub enum Shape {
    Dot { x: u32 },
}
pub fn dot() -> Shape {
    Shape::Dot { x: 1 }
}
""",
        ),
        Example(
            """
pub struct Dog {
    pub age: u32,
}
pub fn dog() -> Dog {
    Dog { age: 1, legs: 4 }
}
""",
            """
pub struct Dog {
    pub age: u32,
    legs: i32,
}
pub fn dog() -> Dog {
    Dog { age: 1, legs: 4 }
}
""",
        ),
    ),
    patches=_patches,
)
