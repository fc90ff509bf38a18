"""Mends a closure that returns the loan it is given: it is a function, or its parameter's type is inferred."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import place_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    label = site.label("return type of closure")
    if label is None or label.place.path != site.file.path:
        return
    closure = site.file.node_of(label.place, "closure_expression")
    listed = closure.child_by_field_name("parameters") if closure is not None else None
    if closure is None or listed is None:
        return
    yield from _as_function(site, closure, listed)
    changes = [
        site.file.delete(Place(site.file.path, pattern.end_byte, one.end_byte))
        for one in listed.named_children
        if (pattern := one.child_by_field_name("pattern")) is not None and one.type == "parameter"
    ]
    if changes:
        yield patch("leave the parameter's type to be inferred", 0.5, *changes)


def _as_function(site: Site, closure: Node, listed: Node) -> Iterator[Patch]:
    """`let f = |x: &u8| x;` as `fn f(x: &u8) -> &u8 { x }`, where every type is known."""
    file, statement = site.file, closure.parent
    pattern = statement.child_by_field_name("pattern") if statement is not None else None
    body = closure.child_by_field_name("body")
    typed = all(one.child_by_field_name("type") is not None for one in listed.named_children)
    if statement is None or statement.type != "let_declaration" or pattern is None or body is None or not typed:
        return
    if len(listed.named_children) != 1 or pattern.type != "identifier":
        return
    written = closure.child_by_field_name("return_type")
    type_ = file.text(written) if written is not None else (site.context.types([place_of(file, body)])[0] or "")
    if not type_.startswith("&"):
        return
    inner = file.text(body) if body.type == "block" else f"{{ {file.text(body)} }}"
    text = f"fn {file.text(pattern)}({file.text(listed).strip('|')}) -> {type_} {inner}"
    yield patch("make it a function", 0.6, Change(place_of(file, statement), text))


PLUGIN = Mend(
    codes=("",),
    title="make a closure that returns its argument's loan a function",
    cites=("docs:reference/lifetime-elision.html", "docs:book/ch13-01-closures.html"),
    examples=(
        Example(
            'pub fn show() {\n    let same = |x: &u8| x;\n    println!("{}", same(&1));\n}\n',
            'pub fn show() {\n    fn same(x: &u8) -> &u8 { x }\n    println!("{}", same(&1));\n}\n',
        ),
    ),
    patches=_patches,
)
