"""Lets constants and statics be calculated: by functions that are `const`, or on first use."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Change, Example, Patch, Place

_TEXT = re.compile(
    r'(?:String::from\(\s*("(?:[^"\\]|\\.)*")\s*\)|("(?:[^"\\]|\\.)*")\.(?:to_string|to_owned|into)\(\))$'
)


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0493":
        yield from _part(site)
        return
    if site.diagnostic.code == "E0492":
        yield from _static(site)
        return
    place = site.noted("is not const")
    function = site.file_of(place).node_of(place, "function_item") if place else None
    if place is not None and function is not None:
        file = site.file_of(place)
        keyword = next(child for child in function.children if child.type in ("function_modifiers", "fn"))
        yield patch("let the function be `const`", 0.65, file.insert(keyword.start_byte, "const "))
    own = site.up("const_item", "static_item")
    type_ = own.child_by_field_name("type") if own else None
    value = own.child_by_field_name("value") if own else None
    if own is None or type_ is None or value is None:
        return
    literal = _TEXT.match(site.file.text(value))
    if literal and site.file.text(type_) == "String":
        text = literal[1] or literal[2]
        yield patch(
            "let it be a `&str`, which is constant",
            0.5,
            site.file.replace(type_, "&str"),
            site.file.replace(value, text),
        )
    yield from _lazy(site, own, type_, value)


def _lazy(site: Site, own: Node, type_: Node, value: Node) -> Iterator[Patch]:
    """A static that is calculated when it is first used."""
    if site.up("function_item") is not None:
        return
    changes: list[Change] = [
        site.file.replace(type_, f"std::sync::LazyLock<{site.file.text(type_)}>"),
        site.file.replace(value, f"std::sync::LazyLock::new(|| {site.file.text(value)})"),
    ]
    if own.type == "const_item":
        keyword = next(child for child in own.children if child.type == "const")
        changes.append(site.file.replace(keyword, "static"))
    yield patch("calculate it when it is first used", 0.45, *changes)


def _part(site: Site) -> Iterator[Patch]:
    """A part of a tuple, whose other parts would have to be dropped: that part alone."""
    access = site.up("field_expression")
    field = access.child_by_field_name("field") if access else None
    given = children(site.node) if site.node.type == "tuple_expression" else []
    number = site.file.text(field) if field else ""
    if access is not None and number.isdigit() and int(number) < len(given):
        yield patch(
            "make only the part that is used", 0.55, site.file.replace(access, site.file.text(given[int(number)]))
        )


def _static(site: Site) -> Iterator[Patch]:
    """A constant that is borrowed and can change: it has one place, so it is a static."""
    name = site.text.lstrip("&").strip()
    for file in (site.file_of(Place(path, 0, 0)) for path in sorted(site.context.files)):
        for item in file.walk("const_item"):
            declared = item.child_by_field_name("name")
            if declared is not None and file.text(declared) == name:
                keyword = children(item, "const")[0]
                yield patch(f"let `{name}` be a static", 0.65, file.replace(keyword, "static"))


PLUGIN = Mend(
    codes=("E0015", "E0492", "E0493"),
    title="let constants and statics be calculated",
    cites=("docs:reference/const_eval.html", "docs:std/sync/struct.LazyLock.html"),
    examples=(
        Example(
            """
pub struct Gate;
impl Drop for Gate {
    fn drop(&mut self) {}
}
pub static GATE: Gate = (Gate, Gate).1;
""",
            """
pub struct Gate;
impl Drop for Gate {
    fn drop(&mut self) {}
}
pub static GATE: Gate = Gate;
""",
        ),
        Example(
            """
fn two() -> u8 {
    2
}
pub const TWO: u8 = two();
""",
            """
const fn two() -> u8 {
    2
}
pub const TWO: u8 = two();
""",
        ),
        Example(
            'pub const NAME: String = String::from("tars");\n',
            'pub const NAME: &str = "tars";\n',
        ),
        Example(
            """
use std::sync::atomic::AtomicUsize;
const START: AtomicUsize = AtomicUsize::new(0);
pub static COUNT: &'static AtomicUsize = &START;
""",
            """
use std::sync::atomic::AtomicUsize;
static START: AtomicUsize = AtomicUsize::new(0);
pub static COUNT: &'static AtomicUsize = &START;
""",
        ),
    ),
    patches=_patches,
)
