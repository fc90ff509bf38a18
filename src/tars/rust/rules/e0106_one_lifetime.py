"""Names the lifetimes that a signature or a type leaves open: only what is returned shares one, and a type's own is
named wherever the type is implemented."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import TYPES, items, name_of, parameters
from tars.rust.rules_support.lifetimes import declare, fresh_lifetime, name_references, owner_of, unnamed
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.names import written
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    owner = owner_of(site.node)
    if owner is None:
        return
    if owner.type == "function_item":
        yield from _returned(site, owner)
    elif owner.type in TYPES:
        yield from _held(site, owner)


def _returned(site: Site, function: Node) -> Iterator[Patch]:
    """Of several loans the one that the body returns, where it returns one only."""
    file = site.file
    returned, body = function.child_by_field_name("return_type"), function.child_by_field_name("body")
    if returned is None or body is None or not returned.start_byte <= site.place.start < returned.end_byte:
        return
    lent = [one for one in parameters(function) if next(unnamed(file, one), None) is not None]
    given = {name: one for one in lent if (name := _name(file.text(one)))}
    used = set[str]()
    for value in _values(body):
        used |= written(file, value) & given.keys()
    name = fresh_lifetime(file, function)
    declared = declare(file, function, name)
    if len(used) != 1 or len(lent) < 2 or declared is None:
        return
    outer = next(unnamed(file, given[used.pop()]))
    changes = [declared, file.insert(outer.start_byte + 1, f"{name} "), *name_references(file, returned, name)]
    yield patch("what is returned lives as long as what it is part of", 0.74, *changes)


def _name(parameter: str) -> str:
    return parameter.partition(":")[0].removeprefix("mut ").strip()


def _values(body: Node) -> Iterator[Node]:
    """The expressions that a body evaluates to: its tails, through branches, and what its `return`s give."""
    stack = [body]
    while stack:
        node = stack.pop()
        if node.type == "return_expression":
            yield node
        elif node.type != "closure_expression":
            stack.extend(node.children)
    yield from _tails(body)


def _tails(node: Node) -> Iterator[Node]:
    if node.type == "expression_statement" and node.named_children and node.children[-1].type != ";":
        yield from _tails(node.named_children[0])
    elif node.type in ("block", "else_clause"):
        if node.named_children:
            yield from _tails(node.named_children[-1])
    elif node.type == "if_expression":
        for field in ("consequence", "alternative"):
            branch = node.child_by_field_name(field)
            if branch is not None:
                yield from _tails(branch)
    elif node.type == "match_expression":
        arms = node.child_by_field_name("body")
        for arm in arms.named_children if arms is not None else ():
            value = arm.child_by_field_name("value")
            if value is not None:
                yield from _tails(value)
    else:
        yield node


def _held(site: Site, owner: Node) -> Iterator[Patch]:
    """A type that holds references: its lifetime is declared, and written in every `impl` of it."""
    file, name = site.file, name_of(site.file, owner)
    lifetime = fresh_lifetime(file, owner)
    declared, body = declare(file, owner, lifetime), owner.child_by_field_name("body")
    if declared is None or body is None:
        return
    changes: list[Change] = [declared, *name_references(file, body, lifetime)]
    for where, one in items(site.context, "impl_item", name=name):
        of = one.child_by_field_name("type")
        if of is not None and where.text(of) == name:
            changes.append(where.insert(of.end_byte, "<'_>"))
    yield patch(f"`{name}` lives as long as what it holds", 0.72, *changes)


PLUGIN = Mend(
    codes=("E0106",),
    title="name the lifetimes that are left open",
    cites=("docs:error_codes/E0106.html", "docs:book/ch10-03-lifetime-syntax.html"),
    examples=(
        Example(
            """
pub fn after(text: &str, mark: &str) -> &str {
    match text.find(mark) {
        Some(at) => &text[at..],
        None => text,
    }
}
""",
            """
pub fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    match text.find(mark) {
        Some(at) => &text[at..],
        None => text,
    }
}
""",
        ),
        Example(
            """
pub struct Parser {
    text: &str,
    rest: Option<&str>,
}
impl Parser {
    pub fn text(&self) -> &str {
        self.rest.unwrap_or(self.text)
    }
}
""",
            """
pub struct Parser<'a> {
    text: &'a str,
    rest: Option<&'a str>,
}
impl Parser<'_> {
    pub fn text(&self) -> &str {
        self.rest.unwrap_or(self.text)
    }
}
""",
        ),
    ),
    patches=_patches,
)
