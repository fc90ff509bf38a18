"""Says in Rust what other languages name otherwise: no value, oneself, limits, a method, a text."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.expected import expected_type, known_type
from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.mend import Mend, Site, children, enclosing_function, patch
from tars.rust.rules_support.unknown import unknown_at
from tars.rust.values import Example, Patch

_WORDS = {
    "null": "None", "NULL": "None", "nil": "None", "Null": "None", "undefined": "None", "nullptr": "None",
    "none": "None", "some": "Some", "ok": "Ok", "err": "Err",
    "True": "true", "TRUE": "true", "False": "false", "FALSE": "false",
    "Infinity": "f64::INFINITY", "INFINITY": "f64::INFINITY", "inf": "f64::INFINITY", "INF": "f64::INFINITY",
    "NaN": "f64::NAN", "NAN": "f64::NAN", "nan": "f64::NAN", "EPSILON": "f64::EPSILON", "pi": "std::f64::consts::PI",
    "INT_MAX": "i32::MAX", "INT_MIN": "i32::MIN", "UINT_MAX": "u32::MAX", "MAX_INT": "i32::MAX",
}  # fmt: skip
_OWNERS = ("str", "String", "Vec<i32>", "f64", "i32", "char", "Option<i32>", "HashMap<i32, i32>", "slice")


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    if missing is None or missing.is_type or not missing.here:
        return
    name = missing.name
    if name in _WORDS:
        yield patch(f"Rust says `{_WORDS[name]}`", 0.6, site.file.replace(site.place, _WORDS[name]))
    if name in ("this", "me", "Self"):
        function = enclosing_function(site.node)
        if function is not None and parameters(function)[:1] and parameters(function)[0].type == "self_parameter":
            yield patch("Rust says `self`", 0.66, site.file.replace(site.place, "self"))
    if missing.is_call:
        yield from _method(site, name)
    else:
        yield from _text(site, name)
        yield from _constant(site, name)


def _method(site: Site, name: str) -> Iterator[Patch]:
    """`len(word)` → `word.len()`, where a value of that kind has such a method."""
    call = site.up("call_expression")
    listed = call.child_by_field_name("arguments") if call is not None else None
    given = children(listed) if listed is not None else []
    if call is None or not given:
        return
    first = given[0]
    kind = known_type(site, first)
    symbols = site.context.symbols
    owners = [kind] if kind else _OWNERS
    if not any(method.name == name for owner in owners for method in symbols.methods_of(owner)):
        return
    value = first
    if first.type == "reference_expression" and (inner := first.child_by_field_name("value")) is not None:
        value = inner
    text = site.file.text(value)
    if value.type in ("binary_expression", "unary_expression", "range_expression", "type_cast_expression"):
        text = f"({text})"
    if kind in ("f64", "i32") and value.type.endswith("_literal"):
        text = f"{text}_{kind}" if kind == "i32" else f"{text}_f64"
    rest = ", ".join(site.file.text(one) for one in given[1:])
    sure = 0.74 if kind else 0.6
    yield patch(f"call the method `{name}`", sure, site.file.replace(call, f"{text}.{name}({rest})"))


def _text(site: Site, name: str) -> Iterator[Patch]:
    """A word that stands for itself, where a text is asked for."""
    kind = expected_type(site, site.place)
    around = site.node.parent
    function = around.parent.child_by_field_name("function") if around is not None and around.parent else None
    called = site.file.text(function) if function is not None else ""
    if kind in ("&str", "&'static str") or re.fullmatch(r"String::from|[\w:]*\.push_str", called):
        yield patch("write the text in quotes", 0.4, site.file.replace(site.place, f'"{name}"'))
    elif kind == "String":
        yield patch("write the text in quotes", 0.3, site.file.replace(site.place, f'String::from("{name}")'))
    elif kind == "char" and len(name) == 1:
        yield patch("write the letter in quotes", 0.4, site.file.replace(site.place, f"'{name}'"))


def _constant(site: Site, name: str) -> Iterator[Patch]:
    """A length that nothing declares is a parameter of the function or type."""
    array = site.up("array_expression", "array_type")
    length = array.child_by_field_name("length") if array is not None else None
    item = site.up("function_item", "struct_item", "enum_item", "impl_item", "type_item")
    if length is None or item is None or not name.isupper() or length.start_byte != site.place.start:
        return
    listed = item.child_by_field_name("type_parameters")
    head: Node | None = item.child_by_field_name("name")
    if item.type == "impl_item":
        head = next((child for child in item.children if child.type == "impl"), None)
    if listed is not None:
        change = site.file.insert(listed.end_byte - 1, f", const {name}: usize")
    elif head is not None:
        change = site.file.insert(head.end_byte, f"<const {name}: usize>")
    else:
        return
    yield patch(f"take the length `{name}` as a parameter", 0.55, change)


PLUGIN = Mend(
    codes=("E0425",),
    title="say in Rust what other languages name otherwise",
    cites=("docs:error_codes/E0425.html", "docs:std/option/index.html", "docs:book/ch05-03-method-syntax.html"),
    examples=(
        Example(
            """
pub fn first(numbers: &[i32]) -> Option<i32> {
    if numbers.is_empty() {
        return null;
    }
    Some(numbers[0])
}
""",
            """
pub fn first(numbers: &[i32]) -> Option<i32> {
    if numbers.is_empty() {
        return None;
    }
    Some(numbers[0])
}
""",
        ),
        Example(
            """
pub fn size(word: &str) -> usize {
    len(word) + 1
}
""",
            """
pub fn size(word: &str) -> usize {
    word.len() + 1
}
""",
        ),
        Example(
            """
pub fn greeting() -> &'static str {
    let word: &str = hello;
    "hi"
}
""",
            """
pub fn greeting() -> &'static str {
    let word: &str = "hello";
    "hi"
}
""",
        ),
        Example(
            """
pub fn zeros() -> [u8; SIZE] {
    [0; SIZE]
}
""",
            """
pub fn zeros<const SIZE: usize>() -> [u8; SIZE] {
    [0; SIZE]
}
""",
        ),
    ),
    patches=_patches,
)
