"""Mends a closure parameter that is to take one lifetime only, though it is given a local: it takes any lifetime."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.lifetimes import fresh_lifetime, generics
from tars.rust.rules_support.mend import Mend, Site, delete_from_list, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    found = next(
        (one for label in site.diagnostic.labels if (one := re.search(r"is borrowed for `('\w+)`", label.text))), None
    )
    function = site.up("function_item")
    if found is None or function is None or found[1] == "'static":
        return
    file, name = site.file, found[1]
    bounds = [
        one for one in file.walk("function_type", within=function) if any(True for _ in _written(file, one, name))
    ]
    if not bounds or any(one.start_byte > _end(function) for one in bounds):
        return
    changes = [change for one in bounds for change in _freed(file, one, name)]
    if not _is_outside(file, function, bounds, name):
        changes += _undeclared(file, function, name)
    yield patch("take a loan of any lifetime", 0.82, *changes)


def _freed(file: SourceFile, bound: Node, name: str) -> list[Change]:
    """A closure's bound without the lifetime, or, where it names it in a type, for any of them."""
    found = list(_written(file, bound, name))
    if all(one.parent is not None and one.parent.type == "reference_type" for one in found):
        return [file.delete(Place(file.path, one.start_byte, one.end_byte + 1)) for one in found]
    free = fresh_lifetime(file, bound)
    return [file.insert(bound.start_byte, f"for<{free}> "), *(file.replace(one, free) for one in found)]


def _is_outside(file: SourceFile, function: Node, bounds: list[Node], name: str) -> bool:
    """Whether the lifetime is needed by more than these bounds and its own declaration."""
    outside = [
        one
        for one in _written(file, function, name)
        if not any(bound.start_byte <= one.start_byte < bound.end_byte for bound in bounds)
    ]
    return len(outside) > 1


def _written(file: SourceFile, node: Node, name: str) -> Iterator[Node]:
    return (one for one in file.walk("lifetime", within=node) if file.text(one) == name)


def _end(function: Node) -> int:
    body = function.child_by_field_name("body")
    return body.start_byte if body is not None else function.end_byte


def _undeclared(file: SourceFile, function: Node, name: str) -> Iterator[Change]:
    """The generics without the lifetime."""
    listed = generics(function)
    for one in listed.named_children if listed is not None else ():
        if one.type == "lifetime_parameter" and file.text(one) == name and listed is not None:
            if listed.named_child_count == 1:
                yield file.delete(listed)
            else:
                yield delete_from_list(file, listed.named_children, one)


PLUGIN = Mend(
    codes=("E0597",),
    title="let a closure take loans of any lifetime",
    cites=("docs:nomicon/hrtb.html", "docs:reference/trait-bounds.html#higher-ranked-trait-bounds"),
    examples=(
        Example(
            "pub fn call<'a, F: Fn(&'a u8)>(f: F) {\n    let x = 1;\n    f(&x);\n}\n",
            "pub fn call<F: Fn(&u8)>(f: F) {\n    let x = 1;\n    f(&x);\n}\n",
        ),
        Example(
            "pub fn call<'a, F: Fn(&'a u8)>(f: F, y: &'a u8) {\n    let x = *y;\n    f(&x);\n}\n",
            "pub fn call<'a, F: Fn(&u8)>(f: F, y: &'a u8) {\n    let x = *y;\n    f(&x);\n}\n",
        ),
    ),
    patches=_patches,
)
