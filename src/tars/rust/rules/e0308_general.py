"""Lets a function take more than one form: arrays of any length, closures that hold variables."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import Found, parameters
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    found = _parameter(site)
    if found is None:
        return
    (file, function), type_ = found
    text = file.text(type_)
    label = next((one.text for one in site.diagnostic.labels if one.primary), "")
    array = re.fullmatch(r"(&?)\[(.+);\s*\d+\]", text, re.S)
    if array and "an array with a size of" in label:
        listed, name = function.child_by_field_name("type_parameters"), function.child_by_field_name("name")
        given = children(listed) if listed else []
        change = file.replace(type_, f"{array[1]}[{array[2]}; N]")
        if given:
            yield patch("take arrays of any length", 0.5, change, file.insert(given[-1].end_byte, ", const N: usize"))
        elif name is not None:
            yield patch("take arrays of any length", 0.5, change, file.insert(name.end_byte, "<const N: usize>"))
    captured = any("do not capture any variables" in note.message for note in site.diagnostic.notes)
    if captured and text.startswith("fn"):
        yield patch("take closures too", 0.65, file.replace(type_, f"impl Fn{text.removeprefix('fn')}"))


def _parameter(site: Site) -> tuple[Found, Node] | None:
    """The crate's function that is called, and the type of the parameter that the argument is for."""
    place = site.noted("defined here")
    arguments = site.node.parent
    file = site.file_of(place) if place else None
    function = file.node_of(place, "function_item") if file is not None and place is not None else None
    if file is None or function is None or arguments is None or arguments.type != "arguments":
        return None
    index = next(number for number, one in enumerate(children(arguments)) if one.id == site.node.id)
    own = [one for one in parameters(function) if one.type == "parameter"]
    type_ = own[index].child_by_field_name("type") if index < len(own) else None
    return ((file, function), type_) if type_ is not None else None


PLUGIN = Mend(
    codes=("E0308",),
    title="let a function take more than one form",
    cites=(
        "docs:reference/items/generics.html#const-generics",
        "docs:book/ch20-04-advanced-functions-and-closures.html",
    ),
    examples=(
        Example(
            """
fn sum(all: [i32; 3]) -> i32 {
    all.iter().sum()
}
pub fn sums() -> i32 {
    sum([1, 2, 3]) + sum([4, 5])
}
""",
            """
fn sum<const N: usize>(all: [i32; N]) -> i32 {
    all.iter().sum()
}
pub fn sums() -> i32 {
    sum([1, 2, 3]) + sum([4, 5])
}
""",
        ),
        Example(
            """
fn call(f: fn(i32) -> i32) -> i32 {
    f(1)
}
pub fn plus(n: i32) -> i32 {
    call(|one| one + n)
}
""",
            """
fn call(f: impl Fn(i32) -> i32) -> i32 {
    f(1)
}
pub fn plus(n: i32) -> i32 {
    call(|one| one + n)
}
""",
        ),
    ),
    patches=_patches,
)
