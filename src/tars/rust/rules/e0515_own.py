"""Mends a function that returns a loan of its own variable: it returns the value itself."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import place_of
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.rules_support.ownership import owned_type, owned_value
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    node = site.node
    function = enclosing_function(node)
    returned = function.child_by_field_name("return_type") if function is not None else None
    if returned is None or site.up("closure_expression") is not None:
        yield from _consumed(site, node)
        return
    text = site.file.text(returned)
    value = _value(site, node)
    if "&" in text and value is not None:
        changes = [site.file.replace(returned, owned_type(text)), site.file.replace(node, value)]
        yield patch("return the value itself", 0.8, *changes, *_others(site, function, node))
    yield from _guard(site, node, returned)
    if "&" in text:
        for end, likely in _endings(site, node, text):
            changes = [site.file.replace(returned, owned_type(text)), site.file.replace(node, end)]
            yield patch("return values of its own", likely, *changes)
    yield from _consumed(site, node)


def _value(site: Site, node: Node) -> str | None:
    inner = node.child_by_field_name("value") if node.type == "reference_expression" else None
    type_ = site.context.types([place_of(site.file, inner)])[0] if inner is not None else None
    return owned_value(site.file, node, type_)


def _others(site: Site, function: Node | None, node: Node) -> Iterator[Change]:
    """The other values that the function returns, where they are loans too: those that the compiler complains of."""
    for one in site.context.diagnostics:
        place = one.primary
        if one.code != "E0515" or place is None or place.path != site.file.path or function is None:
            continue
        other = site.file.exactly(place)
        inside = other is not None and function.start_byte < other.start_byte < function.end_byte
        if other is not None and inside and other.id != node.id and (value := _value(site, other)) is not None:
            yield site.file.replace(other, value)


def _endings(site: Site, node: Node, returned: str) -> Iterator[tuple[str, float]]:
    """The returned expression with what makes values of its loans."""
    text = site.file.text(node)
    own = "map(str::to_string)" if "&str" in returned.replace("'a ", "").replace("'static ", "") else "cloned()"
    if text.endswith(".collect()"):
        yield f"{text.removesuffix('.collect()')}.{own}.collect()", 0.7
    elif returned.startswith("Option<"):
        yield f"{text}.{own}", 0.65
    elif returned.startswith("&"):
        yield f"{text}.to_{'string' if returned.endswith('str') else 'owned'}()", 0.6


def _guard(site: Site, node: Node, returned: Node) -> Iterator[Patch]:
    """A loan out of a `RefCell`: the guard itself is returned."""
    inner = node.child_by_field_name("value") if node.type == "reference_expression" else None
    text = site.file.text(inner) if inner is not None else ""
    borrowed = site.file.text(returned).lstrip("&").strip()
    for end, guard in ((".borrow()", "Ref"), (".borrow_mut()", "RefMut")):
        if inner is not None and text.endswith(end):
            type_ = f"std::cell::{guard}<'_, {borrowed.removeprefix('mut ')}>"
            yield patch("return the guard", 0.82, site.file.replace(returned, type_), site.file.replace(node, text))


def _consumed(site: Site, node: Node) -> Iterator[Patch]:
    """An iterator over a variable: over its values instead of loans of them."""
    for name in site.file.walk("field_identifier", within=node):
        owner = name.parent.child_by_field_name("value") if name.parent is not None else None
        if site.file.text(name) == "iter" and owner is not None and owner.type == "identifier":
            yield patch("go over the values themselves", 0.6, site.file.replace(name, "into_iter"))
            return


PLUGIN = Mend(
    codes=("E0515",),
    title="return the value instead of a loan of it",
    cites=("docs:error_codes/E0515.html", "docs:book/ch04-02-references-and-borrowing.html#dangling-references"),
    examples=(
        Example(
            'pub fn greet(name: &str) -> &str {\n    let text = format!("hi {name}");\n    &text\n}\n',
            'pub fn greet(name: &str) -> String {\n    let text = format!("hi {name}");\n    text\n}\n',
        ),
        Example(
            "pub fn words(text: &str) -> Vec<&str> {\n    let lower = text.to_lowercase();\n"
            "    lower.split(' ').collect()\n}\n",
            "pub fn words(text: &str) -> Vec<String> {\n    let lower = text.to_lowercase();\n"
            "    lower.split(' ').map(str::to_string).collect()\n}\n",
        ),
        Example(
            "use std::cell::RefCell;\n\npub struct Few(RefCell<Vec<u8>>);\n\nimpl Few {\n"
            "    pub fn all(&self) -> &Vec<u8> {\n"
            "        &self.0.borrow()\n    }\n}\n",
            "use std::cell::RefCell;\n\npub struct Few(RefCell<Vec<u8>>);\n\nimpl Few {\n"
            "    pub fn all(&self) -> std::cell::Ref<'_, Vec<u8>> {\n        self.0.borrow()\n    }\n}\n",
        ),
    ),
    patches=_patches,
)
