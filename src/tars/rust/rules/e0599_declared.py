"""Declares a variable as what its methods ask for: a text that grows, a list, a lock, a cell."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.methods import declared_value, missing_method
from tars.rust.rules_support.scope import locals_before
from tars.rust.values import Change, Example, Patch, Place

_GROWING = frozenset(
    {"push", "push_str", "insert", "insert_str", "clear", "pop", "truncate", "remove", "retain", "extend"}
)
_CELLS = {
    "lock": ("Mutex", "std::sync::Mutex"), "borrow_mut": ("RefCell", "std::cell::RefCell"),
    "write": ("RwLock", "std::sync::RwLock"), "borrow": ("RefCell", "std::cell::RefCell"),
}  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    missing = missing_method(site)
    if missing is None or missing.receiver is None or missing.receiver.type != "identifier":
        return
    name = site.file.text(missing.receiver)
    value = _first(site, name)
    if value is None:
        return
    bare = missing.type.peeled
    if missing.name in _GROWING and bare.head == "str" and value.type == "string_literal":
        text = site.file.text(value)
        made = "String::new()" if text == '""' else f"{text}.to_string()"
        yield patch("let it be a `String`, which can change", 0.7, site.file.replace(value, made))
    elif (
        missing.name in _GROWING
        and bare.head in ("[]", "[;]")
        and value.type in ("array_expression", "reference_expression")
    ):
        start = value.start_byte + (1 if value.type == "reference_expression" else 0)
        yield patch("let it be a `Vec`, which can grow", 0.65, *_listed(site, value, start))
    elif missing.name in _CELLS:
        yield from _celled(site, value, *_CELLS[missing.name])


def _first(site: Site, name: str) -> Node | None:
    """What the variable is declared with; of `Rc::clone(&other)` and `other.clone()` what the other is."""
    value = declared_value(site, name, site.place.start)
    for _ in range(len(locals_before(site.file, site.node))):
        text = site.file.text(value) if value is not None else ""
        copied = re.fullmatch(r"(?:(?:Rc|Arc)::clone\(\s*&(\w+)\s*\)|(\w+)\.clone\(\))", text)
        if value is None or copied is None:
            break
        value = declared_value(site, copied[1] or copied[2], value.start_byte)
    return value


def _listed(site: Site, value: Node, start: int) -> list[Change]:
    changes = [site.file.insert(start, "vec!")]
    if start != value.start_byte:
        changes.insert(0, Change(Place(site.file.path, value.start_byte, start), ""))
    return changes


def _celled(site: Site, value: Node, cell: str, path: str) -> Iterator[Patch]:
    """`Arc::new(0)` becomes `Arc::new(Mutex::new(0))`."""
    function = value.child_by_field_name("function") if value.type == "call_expression" else None
    arguments = value.child_by_field_name("arguments") if function is not None else None
    counted = function is not None and re.fullmatch(r"(?:\w+::)*(?:Rc|Arc)::new", site.file.text(function))
    inner = children(arguments)[0] if counted and arguments is not None and children(arguments) else value
    text = site.file.text(inner)
    if "::new(" in text and cell in text:
        return
    imported = re.search(rf"\b{cell}\b".encode(), site.file.data) is not None
    name = cell if imported else path
    yield patch(f"hold it in a `{cell}`", 0.65, site.file.replace(inner, f"{name}::new({text})"))


PLUGIN = Mend(
    codes=("E0599",),
    title="declare a variable as what its methods ask for",
    cites=("docs:book/ch08-02-strings.html", "docs:book/ch16-03-shared-state.html"),
    examples=(
        Example(
            """
pub fn spell(all: &[&str]) -> String {
    let mut text = "";
    for one in all {
        text.push_str(one);
    }
    text.to_string()
}
""",
            """
pub fn spell(all: &[&str]) -> String {
    let mut text = String::new();
    for one in all {
        text.push_str(one);
    }
    text.to_string()
}
""",
        ),
        Example(
            """
use std::sync::{Arc, Mutex};
pub fn add(other: &Mutex<i32>) -> i32 {
    let count = Arc::new(0);
    *count.lock().unwrap() += *other.lock().unwrap();
    1
}
""",
            """
use std::sync::{Arc, Mutex};
pub fn add(other: &Mutex<i32>) -> i32 {
    let count = Arc::new(Mutex::new(0));
    *count.lock().unwrap() += *other.lock().unwrap();
    1
}
""",
        ),
    ),
    patches=_patches,
)
