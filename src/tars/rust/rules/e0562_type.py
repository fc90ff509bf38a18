"""Writes types where they can stand: no `impl Trait` in a `let`, no `_` in an item, no pointer to the unknown."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import calls_of, name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Change, Example, Patch, Place

_LITERALS = {
    "integer_literal": "i32", "float_literal": "f64", "string_literal": "&'static str", "char_literal": "char",
    "boolean_literal": "bool",
}  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    code = site.diagnostic.code
    if code == "E0562":
        yield from _opaque(site)
    elif code == "E0121":
        yield from _placeholder(site)
    elif code == "E0641" and "_" in site.text:
        yield patch("say what it points to", 0.5, site.file.replace(site.place, re.sub(r"\b_$", "u8", site.text)))
    elif code == "E0770":
        yield patch("count in `usize`", 0.55, site.file.replace(site.place, "usize"))
    elif code == "E0581":
        yield from _static(site)
    elif code == "E0393":
        yield patch("say what the parameter is", 0.25, site.file.insert(site.place.end, "<()>"))


def _opaque(site: Site) -> Iterator[Patch]:
    let = site.up("let_declaration")
    pattern = let.child_by_field_name("pattern") if let else None
    type_ = let.child_by_field_name("type") if let else None
    if pattern is not None and type_ is not None:
        place = Place(site.file.path, pattern.end_byte, type_.end_byte)
        yield patch("let the type be inferred", 0.75, Change(place, ""))
    elif site.text.startswith("impl "):
        boxed = f"Box<dyn {site.text.removeprefix('impl ')}>"
        yield patch("hold it in a box", 0.45, site.file.replace(site.place, boxed))


def _placeholder(site: Site) -> Iterator[Patch]:
    """`_` of a parameter or a field: the type of what it is given."""
    parameter, field = site.up("parameter"), site.up("field_declaration")
    function = site.up("function_item")
    given: Node | None = None
    if parameter is not None and function is not None:
        index = next(number for number, one in enumerate(parameters(function)) if one.id == parameter.id)
        for _, call in calls_of(site.context, name_of(site.file, function)):
            arguments = call.child_by_field_name("arguments")
            listed = children(arguments) if arguments else []
            given = given or (listed[index] if index < len(listed) else None)
    elif field is not None:
        name = name_of(site.file, field)
        for one in site.file.walk("field_initializer"):
            own, value = one.child_by_field_name("field"), one.child_by_field_name("value")
            if own is not None and site.file.text(own) == name and value is not None:
                given = given or value
    if given is not None and given.type in _LITERALS:
        yield patch("it is given such a value", 0.55, site.file.replace(site.place, _LITERALS[given.type]))


def _static(site: Site) -> Iterator[Patch]:
    """A result that borrows from no argument lives for ever."""
    pointer = site.up("function_type")
    lifetime = re.match(r"&('\w+)", site.text)
    if pointer is None or lifetime is None:
        return
    text = re.sub(rf"{lifetime[1]}\b", "'static", site.file.text(pointer))
    text = re.sub(r"^for<\s*'static\s*>\s*", "", text)
    yield patch("let it live for ever", 0.55, site.file.replace(pointer, text))


PLUGIN = Mend(
    codes=("E0121", "E0393", "E0562", "E0581", "E0641", "E0770"),
    title="write a type that can stand here",
    cites=("docs:reference/types/impl-trait.html", "docs:reference/types/inferred.html"),
    examples=(
        Example(
            """
fn next(n: _) -> i32 {
    n + 1
}
pub fn two() -> i32 {
    next(1)
}
""",
            """
fn next(n: i32) -> i32 {
    n + 1
}
pub fn two() -> i32 {
    next(1)
}
""",
        ),
        Example(
            """
pub trait Same<T = Self> {}
pub fn see(_: &dyn Same) {}
""",
            """
pub trait Same<T = Self> {}
pub fn see(_: &dyn Same<()>) {}
""",
        ),
        Example(
            """
pub fn copy() -> u8 {
    let one: impl Copy = 1u8;
    let _ = one;
    1
}
""",
            """
pub fn copy() -> u8 {
    let one = 1u8;
    let _ = one;
    1
}
""",
        ),
        Example(
            """
pub fn hold(_: for<'a> fn() -> &'a str) {}
""",
            """
pub fn hold(_: fn() -> &'static str) {}
""",
        ),
        Example(
            """
pub fn none() -> bool {
    let p = 0 as *const _;
    let _ = p;
    true
}
""",
            """
pub fn none() -> bool {
    let p = 0 as *const u8;
    let _ = p;
    true
}
""",
        ),
        Example(
            """
pub struct Grid<T, const N: T>(pub T);
""",
            """
pub struct Grid<T, const N: usize>(pub T);
""",
        ),
    ),
    patches=_patches,
)
