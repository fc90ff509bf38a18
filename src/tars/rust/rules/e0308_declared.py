"""Changes the declared type (of a variable, a result, a parameter or a field) to that of the value that it is given."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import Found, calls_of, declared_type, name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.types import RustType, fits, is_number, mismatch, parse_type
from tars.rust.values import Example, Label, Patch, Place

_OPEN = {"{integer}": "i32", "{float}": "f64"}
_DECLARES = ("let_declaration", "const_item", "static_item", "function_item", "closure_expression")


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    if types is None:
        return
    yield from _returns_after_all(site, types.wanted)
    written = _written(types.found, site.node)
    loaned = types.found.head == "&" and types.wanted.head in ("str", "[]")
    if loaned:
        written = f"&{types.wanted}"
    if written is None:
        return
    numbers = is_number(types.found) and is_number(types.wanted)
    for label in site.diagnostic.labels:
        if numbers and "return type" in label.text:
            continue
        if not label.primary and label.place.path in site.context.files and _is_type(site, label):
            owned = types.wanted.head == "&" and types.found.head in ("String", "Vec")
            sure = 0.6 if loaned or (owned and "return type" in label.text) else _sure(site, label)
            file = site.file_of(label.place)
            yield patch(f"declare it as `{written}`", sure, file.replace(label.place, written))
    yield from _elements(site, types.wanted, written)
    yield from _parameter(site, types.wanted, written, 0.3 if loaned else 0.0)
    yield from _field(site, written)


def _returns_after_all(site: Site, wanted: RustType) -> Iterator[Patch]:
    """A function that says `-> !` and comes to its end."""
    function = site.up("function_item")
    written = function.child_by_field_name("return_type") if function else None
    listed = function.child_by_field_name("parameters") if function else None
    if wanted.head == "!" and written is not None and listed is not None:
        place = Place(site.file.path, listed.end_byte, written.end_byte)
        yield patch("let it return, as it does", 0.45, site.file.delete(place))


def _sure(site: Site, label: Label) -> float:
    """A result's type is what callers rely on; a variable's is nobody else's."""
    function = site.up("function_item") if "return type" in label.text else None
    if function is None:
        return 0.3
    public = any(child.type == "visibility_modifier" for child in function.children)
    called = next(calls_of(site.context, name_of(site.file, function)), None) is not None
    return 0.12 if public or called else 0.25


def _elements(site: Site, wanted: RustType, written: str) -> Iterator[Patch]:
    """The list that the value is an element of holds another type than it declares."""
    array = site.node.parent
    holder = next((one for one in ancestors(site.node) if one.type in _DECLARES), None)
    type_ = holder.child_by_field_name("type") if holder else None
    if array is None or array.type != "array_expression" or holder is None or type_ is None:
        return
    text = site.file.text(type_)
    if str(wanted) in text:
        new = text.replace(str(wanted), written.replace("'static ", ""), 1)
        sure = 0.45 if holder.type in ("const_item", "static_item") else 0.3
        yield patch(f"declare it as `{new}`", sure, site.file.replace(type_, new))


def _written(found: RustType, node: Node) -> str | None:
    """The type as it can be written; of a literal text with its lifetime."""
    if found.head in _OPEN:
        return _OPEN[found.head]
    if found.head == "()" and not found.arguments:
        return None
    if found == RustType("&", (RustType("str"),)):
        return "&'static str" if node.type == "string_literal" else "&str"
    text = str(found)
    for head, name in _OPEN.items():
        text = text.replace(head, name)
    return text if "{" not in text and found.head != "_" and "_" not in text.split("<") and "fn(" not in text else None


def _is_type(site: Site, label: Label) -> bool:
    """Whether the label points at a written type, and at nothing but it."""
    node = site.node_of(label.place)
    parent = node.parent
    if not label.text.startswith("expected") or parent is None or parent.type not in _DECLARES:
        return False
    owner = parent.child_by_field_name("type") or parent.child_by_field_name("return_type")
    return owner is not None and owner.start_byte == node.start_byte


def _parameter(site: Site, wanted: RustType, written: str, surer: float) -> Iterator[Patch]:
    """The parameter that the argument is handed to, where the function is the crate's own."""
    place = site.noted("defined here")
    arguments = site.node.parent
    if place is None or arguments is None or arguments.type != "arguments":
        return
    file = site.file_of(place)
    function = file.node_of(place, "function_item")
    if function is None:
        return
    index = next(number for number, one in enumerate(children(arguments)) if one.id == site.node.id)
    own = [one for one in parameters(function) if one.type == "parameter"]
    type_ = own[index].child_by_field_name("type") if index < len(own) else None
    if type_ is None or any(wanted.head == name for name in _generics(site, (file, function))):
        return
    others = sum(1 for _ in calls_of(site.context, name_of(file, function)))
    sure = surer + (0.3 if others == 1 else 0.2)
    found = parse_type(written)
    if found.head in ("&", "&mut ") and fits(found.inner, wanted):
        # What is lent is as it is written there, with the modules before it.
        yield patch(f"take a loan of `{wanted}` there", sure + 0.1, file.insert(type_.start_byte, found.head))
        return
    yield patch(f"take `{written}` there", sure, file.replace(type_, written.replace("'static ", "")))


def _generics(site: Site, function: Found) -> list[str]:
    declared = function[1].child_by_field_name("type_parameters")
    return [name_of(function[0], one) for one in children(declared)] if declared else []


def _field(site: Site, written: str) -> Iterator[Patch]:
    """The field of one of the crate's structs that is given the value."""
    initializer = site.node.parent
    struct = next((one for one in ancestors(site.node) if one.type == "struct_expression"), None)
    if initializer is None or initializer.type != "field_initializer" or struct is None:
        return
    field, name = initializer.child_by_field_name("field"), struct.child_by_field_name("name")
    found = declared_type(site.context, site.file.text(name)) if name else None
    if field is None or found is None:
        return
    file, node = found
    for one in file.walk("field_declaration", within=node):
        own, type_ = one.child_by_field_name("name"), one.child_by_field_name("type")
        if own and type_ and file.text(own) == site.file.text(field):
            place = Place(file.path, type_.start_byte, type_.end_byte)
            yield patch(f"let the field hold `{written}`", 0.25, file.replace(place, written))


PLUGIN = Mend(
    codes=("E0308",),
    title="declare the type that the value has",
    cites=("docs:book/ch03-02-data-types.html", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
pub fn loud(name: &str) -> &str {
    name.to_uppercase()
}
""",
            """
pub fn loud(name: &str) -> String {
    name.to_uppercase()
}
""",
        ),
        Example(
            """
fn show(n: i32) -> String {
    format!("{n}")
}
pub fn main() {
    show("a");
}
""",
            """
fn show(n: &str) -> String {
    format!("{n}")
}
pub fn main() {
    show("a");
}
""",
        ),
        Example(
            """
pub struct Tag {
    pub name: u32,
}
pub fn tag(name: String) -> Tag {
    Tag { name: name }
}
""",
            """
pub struct Tag {
    pub name: String,
}
pub fn tag(name: String) -> Tag {
    Tag { name: name }
}
""",
        ),
    ),
    patches=_patches,
)
