"""Gives a function the `self` that it uses, by how it uses it; outside of an `impl`, the parameter that is meant."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_type, fields, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, enclosing_function, patch
from tars.rust.values import Example, Patch

_CHANGING = ("assignment_expression", "compound_assignment_expr")


def _patches(site: Site) -> Iterator[Patch]:
    function = enclosing_function(site.node)
    body = function.child_by_field_name("body") if function else None
    listed = function.child_by_field_name("parameters") if function else None
    if function is None or body is None or listed is None:
        return
    holder = function.parent.parent if function.parent and function.parent.type == "declaration_list" else None
    if holder is not None and holder.type in ("impl_item", "trait_item"):
        if parameters(function) and parameters(function)[0].type == "self_parameter":
            return
        returned = function.child_by_field_name("return_type")
        receivers = list(_receivers(site, body))
        if returned is not None and site.file.text(returned).startswith("&mut "):
            receivers = [("&mut self", 0.88), *(one for one in receivers if one[0] != "&mut self")]
        for receiver, sure in receivers:
            comma = ", " if children(listed) else ""
            yield patch(f"take `{receiver}`", sure, site.file.insert(listed.start_byte + 1, receiver + comma))
    else:
        yield from _parameter(site, function, body)


def _receivers(site: Site, body: Node) -> Iterator[tuple[str, float]]:
    uses = [
        node for node in site.file.walk("self", within=body) if node.parent and node.parent.type != "scoped_identifier"
    ]
    if any(_changes(site, node) for node in uses):
        yield from (("&mut self", 0.78), ("mut self", 0.2), ("&self", 0.1))
    elif any(_moves(node) for node in uses):
        yield from (("self", 0.6), ("&self", 0.5), ("&mut self", 0.2))
    else:
        yield from (("&self", 0.75), ("self", 0.3), ("&mut self", 0.3))


def _changes(site: Site, node: Node) -> bool:
    """Whether this use writes to `self` or asks for `&mut` of it."""
    place = node
    while place.parent is not None and place.parent.type in ("field_expression", "index_expression"):
        place = place.parent
    around = place.parent
    if around is None:
        return False
    left = around.child_by_field_name("left")
    if around.type in _CHANGING and left is not None and left.id == place.id:
        return True
    if around.type == "reference_expression" and any(child.type == "mutable_specifier" for child in around.children):
        return True
    function = place if place.type == "field_expression" and around.type == "call_expression" else None
    called = function.child_by_field_name("field") if function is not None else None
    if called is None:
        return False
    name = site.file.text(called)
    owner = _field_type(site, place.child_by_field_name("value"))
    known = [method for method in site.context.symbols.methods_of(owner) if method.name == name] if owner else []
    return any(re.search(r"\(\s*&\s*(?:'\w+\s+)?mut self", method.signature) for method in known[:1])


def _field_type(site: Site, value: Node | None) -> str:
    """The type of `self` or `self.field`, as it is declared."""
    impl = site.up("impl_item")
    subject = impl.child_by_field_name("type") if impl else None
    if value is None or subject is None:
        return ""
    own = site.file.text(subject)
    if value.type == "self":
        return own
    field = value.child_by_field_name("field")
    found = {name: kind for name, kind, _ in site.context.symbols.fields_of(own)}
    inner = value.child_by_field_name("value")
    direct = inner is not None and inner.type == "self"
    return found.get(site.file.text(field), "") if field is not None and direct else ""


def _moves(node: Node) -> bool:
    """Whether `self` itself is handed on: returned, matched by value, or an argument."""
    parent = node.parent
    return parent is not None and parent.type in ("block", "arguments", "let_declaration", "return_expression")


def _parameter(site: Site, function: Node, body: Node) -> Iterator[Patch]:
    """In a free function `self` may be the one parameter whose type has the fields that are asked for."""
    asked = set()
    uses = list(site.file.walk("self", within=body))
    for node in uses:
        field = (
            node.parent.child_by_field_name("field") if node.parent and node.parent.type == "field_expression" else None
        )
        if field is not None:
            asked.add(site.file.text(field))
    fitting: list[str] = []
    for one in parameters(function):
        pattern, kind = one.child_by_field_name("pattern"), one.child_by_field_name("type")
        if pattern is None or kind is None or pattern.type != "identifier":
            continue
        found = declared_type(site.context, site.file.text(kind))
        if found is None:
            continue
        methods = {method.name for method in site.context.symbols.methods_of(site.file.text(kind))}
        if asked <= {name for name, _ in fields(*found)} | methods:
            fitting.append(site.file.text(pattern))
    nested = any(one.type == "function_item" for one in ancestors(function))
    if len(fitting) == 1 and not nested:
        changes = [site.file.replace(node, fitting[0]) for node in uses]
        yield patch(f"`{fitting[0]}` is meant", 0.6, *changes)


PLUGIN = Mend(
    codes=("E0424",),
    title="give the function the `self` that it uses",
    cites=("docs:error_codes/E0424.html", "docs:book/ch05-03-method-syntax.html"),
    examples=(
        Example(
            """
pub struct Counter {
    count: u32,
}
impl Counter {
    pub fn add(by: u32) {
        self.count += by;
    }
}
""",
            """
pub struct Counter {
    count: u32,
}
impl Counter {
    pub fn add(&mut self, by: u32) {
        self.count += by;
    }
}
""",
        ),
        Example(
            """
pub struct List {
    names: Vec<String>,
}
impl List {
    pub fn add(name: &str) {
        self.names.push(name.to_string());
    }
}
""",
            """
pub struct List {
    names: Vec<String>,
}
impl List {
    pub fn add(&mut self, name: &str) {
        self.names.push(name.to_string());
    }
}
""",
        ),
        Example(
            """
pub struct Square {
    side: f64,
}
pub fn area(square: &Square) -> f64 {
    self.side * self.side
}
""",
            """
pub struct Square {
    side: f64,
}
pub fn area(square: &Square) -> f64 {
    square.side * square.side
}
""",
        ),
    ),
    patches=_patches,
)
