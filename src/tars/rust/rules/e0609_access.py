"""Mends access to fields, elements and contents that a type does not have: looks into what holds them."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_type, fields, return_type, variants
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import RustType, is_integer, is_number, parse_type
from tars.rust.values import Change, Example, Patch, Place

_LISTS = frozenset({"Vec", "[]", "[;]", "VecDeque", "HashMap", "BTreeMap", "String"})


def _patches(site: Site) -> Iterator[Patch]:
    code = site.diagnostic.code
    if not site.words:
        return
    type_ = parse_type(site.words[0] if code in ("E0608", "E0610", "E0614") else site.words[-1])
    if code == "E0614" and type_.head in ("Option", "Result"):
        yield from _dereferenced(site, type_)
    elif code == "E0614" and site.node.type == "unary_expression":
        star = Place(site.file.path, site.place.start, site.place.start + 1)
        yield patch("take it as it is: it refers to nothing", 0.75, site.file.delete(star))
    elif code == "E0618":
        call = site.up("call_expression")
        arguments = call.child_by_field_name("arguments") if call else None
        if arguments is not None and not arguments.named_children:
            yield patch("take the value: it is no function", 0.6, site.file.delete(arguments))
    elif code == "E0608":
        yield from _element(site, type_)
    elif code == "E0610":
        yield from _of_number(site)
    elif code == "E0609":
        yield from _field(site, type_)


def _dereferenced(site: Site, type_: RustType) -> Iterator[Patch]:
    """`*option`: of the value in it."""
    function = next((one for one in ancestors(site.node) if one.type in ("function_item", "closure_expression")), None)
    returned = return_type(site.file, function)
    if returned is not None and returned.head == type_.head:
        yield patch("pass its absence on to the caller", 0.6, site.file.insert(site.place.end, "?"))
    yield patch("take the value, which must be there", 0.4, site.file.insert(site.place.end, ".unwrap()"))


def _element(site: Site, type_: RustType) -> Iterator[Patch]:
    """`value[index]`: of the list within the value."""
    value = _indexed(site)
    if value is None:
        return
    bare = type_.peeled
    if bare.head == "()" and (number := re.fullmatch(r"\[\s*(\d+)\s*\]", site.text)):
        yield patch("take that part of the tuple", 0.8, site.file.replace(site.place, f".{number[1]}"))
    elif bare.head in ("Option", "Result") and bare.inner.head in _LISTS:
        yield patch(
            "look into the value, which must be there", 0.4, site.file.insert(value.end_byte, ".as_ref().unwrap()")
        )
    elif bare.head in ("RefCell", "Rc", "Arc", "Mutex") and (how := _opened(bare)):
        yield patch("look into what it holds", 0.55, site.file.insert(value.end_byte, how))
    elif is_number(bare):
        yield patch("take the number itself: it has no elements", 0.25, site.file.delete(site.place))
    elif own := declared_type(site.context, str(type_)):
        lists = [name for name, held in fields(*own) if parse_type(held).head in _LISTS]
        if len(lists) == 1:
            yield patch(f"look into its `{lists[0]}`", 0.55, site.file.insert(value.end_byte, f".{lists[0]}"))


def _indexed(site: Site) -> Node | None:
    around = site.up("index_expression")
    return around.named_children[0] if around else None


def _opened(type_: RustType) -> str:
    """How one gets to the content of cells and locks, through what counts their owners."""
    if type_.head in ("Rc", "Arc", "Box", "&"):
        return _opened(type_.inner)
    return {"RefCell": ".borrow()", "Mutex": ".lock().unwrap()", "RwLock": ".read().unwrap()"}.get(type_.head, "")


def _field(site: Site, type_: RustType) -> Iterator[Patch]:
    access = site.up("field_expression")
    value = access.child_by_field_name("value") if access else None
    if access is None or value is None:
        return
    name = site.text
    bare = type_.peeled
    if how := _opened(bare):
        stored = any(one.type in ("assignment_expression", "compound_assignment_expr") for one in ancestors(access))
        how = how.replace(".borrow()", ".borrow_mut()") if stored else how
        yield patch("look into what it holds", 0.65, site.file.insert(value.end_byte, how))
    elif bare.head in ("Option", "Result"):
        text = site.file.text(value)
        yield patch(
            "look into the value, which must be there", 0.4, site.file.insert(value.end_byte, ".as_ref().unwrap()")
        )
        yield patch("pass its absence on", 0.35, site.file.replace(value, f"{text}?"))
    own = declared_type(site.context, str(type_))
    if own is None:
        return
    file, node = own
    if any(method.name == name for method in site.context.symbols.methods_of(str(bare))):
        yield patch(f"call `{name}`", 0.7, site.file.insert(site.place.end, "()"))
    known = [field for field, _ in fields(file, node)] if node.type == "struct_item" else []
    if name.isdigit() and len(known) > int(name) and not known[0].isdigit():
        yield patch(f"the field is called `{known[int(name)]}`", 0.6, site.file.replace(site.place, known[int(name)]))
    elif len(known) == 1:
        yield patch(f"the field is called `{known[0]}`", 0.4, site.file.replace(site.place, known[0]))
    elif known and known[0] == "0" and not name.isdigit() and len(variants(node)) == 0:
        yield patch("the first part", 0.25, site.file.replace(site.place, "0"))


def _of_number(site: Site) -> Iterator[Patch]:
    """A number has no fields, but may have a method of that name, or be meant itself."""
    access = site.up("field_expression")
    value = access.child_by_field_name("value") if access else None
    if access is None or value is None:
        return
    method = next((one for one in site.context.symbols.methods_of(site.words[0]) if one.name == site.text), None)
    if method is not None:
        yield patch(f"call `{site.text}`", 0.7, site.file.insert(site.place.end, "()"))
    elif is_integer(parse_type(site.words[0])) or site.words[0] in ("bool", "char", "f32", "f64"):
        rest = Change(Place(site.file.path, value.end_byte, access.end_byte), "")
        yield patch("take the number itself: it has no fields", 0.35, rest)


PLUGIN = Mend(
    codes=("E0608", "E0609", "E0610", "E0614", "E0618"),
    title="look into what holds the field or the element",
    cites=("docs:reference/expressions/field-expr.html", "docs:error_codes/E0609.html"),
    examples=(
        Example(
            """
pub struct Shelf {
    pub books: Vec<String>,
}
pub fn first(shelf: &Shelf) -> &str {
    &shelf[0]
}
""",
            """
pub struct Shelf {
    pub books: Vec<String>,
}
pub fn first(shelf: &Shelf) -> &str {
    &shelf.books[0]
}
""",
        ),
        Example(
            """
use std::cell::RefCell;
pub struct Dog {
    pub age: u8,
}
pub fn age(dog: &RefCell<Dog>) -> u8 {
    dog.age
}
""",
            """
use std::cell::RefCell;
pub struct Dog {
    pub age: u8,
}
pub fn age(dog: &RefCell<Dog>) -> u8 {
    dog.borrow().age
}
""",
        ),
        Example("pub fn same(n: u32) -> u32 {\n    n.value\n}\n", "pub fn same(n: u32) -> u32 {\n    n\n}\n"),
        Example("pub fn same(n: u32) -> u32 {\n    *n\n}\n", "pub fn same(n: u32) -> u32 {\n    n\n}\n"),
        Example("pub fn same(n: u32) -> u32 {\n    n()\n}\n", "pub fn same(n: u32) -> u32 {\n    n\n}\n"),
    ),
    patches=_patches,
)
