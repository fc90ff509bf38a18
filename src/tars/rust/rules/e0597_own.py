"""Mends a collection or variable that keeps loans of short-lived values: it keeps the values themselves."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import place_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.ownership import owned_type
from tars.rust.rules_support.statements import declaration, free_name, put_before, uses
from tars.rust.values import Change, Example, Patch

_STATIC = "borrowed for `'static`"


def _patches(site: Site) -> Iterator[Patch]:
    node = site.node
    if any(_STATIC in label.text for label in site.diagnostic.labels):
        yield from _for_ever(site, node)
    elif node.type == "reference_expression":
        value = node.child_by_field_name("value")
        if value is not None and site.label("declared here") is not None:
            changes = [site.file.replace(node, site.file.text(value)), *_holder(site)]
            yield patch("keep the value itself", 0.6, *changes)


def _holder(site: Site) -> Iterator[Change]:
    """The type of the variable that keeps the loans, where it is written, without them."""
    for label in site.diagnostic.labels:
        found = re.match(r"variable `(\w+)` declared here", label.text)
        if found is None and "later used here" in label.text:
            found = re.match(r"(\w+)$", site.file.text(label.place))
        holder = declaration(site.file, found[1], label.place) if found else None
        written = holder.child_by_field_name("type") if holder is not None else None
        if written is None and holder is None and found:
            holder = site.file.node_of(label.place, "let_declaration")
            written = holder.child_by_field_name("type") if holder is not None else None
        if written is not None and "&" in site.file.text(written):
            yield site.file.replace(written, owned_type(site.file.text(written)))
            return


def _for_ever(site: Site, node: Node) -> Iterator[Patch]:
    """What must live for ever, handed over or cloned."""
    file = site.file
    if node.type == "reference_expression":
        value = node.child_by_field_name("value")
        if value is not None:
            yield patch("hand over the value itself", 0.6, file.replace(node, file.text(value)))
            yield patch("hand over a clone", 0.55, file.replace(node, f"{file.text(value)}.clone()"))
    called = node.parent
    if called is not None and called.type == "field_expression" and node.type == "identifier":
        name = called.child_by_field_name("field")
        if name is not None and file.text(name) == "iter":
            yield patch("go over the values themselves", 0.7, file.replace(name, "into_iter"))
    yield from _element(site)
    closure = site.up("closure_expression")
    statement = file.statement(site.place)
    if node.type == "identifier" and closure is not None and statement is not None:
        text = file.text(node)
        clone = put_before(file, statement, f"let {text} = {text}.clone();")
        moving = () if file.text(closure).startswith("move") else (file.insert(closure.start_byte, "move "),)
        if free_name(file, node, text) != text:
            yield patch("move a clone into the closure", 0.5, clone, *moving)


def _element(site: Site) -> Iterator[Patch]:
    """A thread, started in a loop over parts of what is lent, that keeps its part: it is given a copy of it."""
    label = site.label(_STATIC)
    file = site.file
    statement = file.statement(label.place) if label is not None and label.place.path == file.path else None
    closure = next(iter(file.walk("closure_expression", within=statement)), None) if statement is not None else None
    loop = file.node_of(label.place, "for_expression") if label is not None and closure is not None else None
    pattern = loop.child_by_field_name("pattern") if loop is not None else None
    if statement is None or closure is None or pattern is None:
        return
    for bound in file.walk("identifier", within=pattern):
        name = file.text(bound)
        used = next(uses(file, closure, name), None)
        if used is None or used.type != "identifier":
            continue
        type_ = site.context.types([place_of(file, used)])[0] or ""
        method = "to_string" if type_ == "&str" else "to_vec" if type_.startswith("&[") else "clone"
        yield patch("hand over a copy", 0.65, put_before(file, statement, f"let {name} = {name}.{method}();"))


PLUGIN = Mend(
    codes=("E0597",),
    title="keep or hand over the value instead of a loan of it",
    cites=("docs:error_codes/E0597.html", "docs:book/ch04-01-what-is-ownership.html"),
    examples=(
        Example(
            "pub fn all() {\n    let mut all: Vec<&str> = Vec::new();\n    for i in 0..3 {\n"
            '        let one = format!("{i}");\n        all.push(&one);\n    }\n    println!("{all:?}");\n}\n',
            "pub fn all() {\n    let mut all: Vec<String> = Vec::new();\n    for i in 0..3 {\n"
            '        let one = format!("{i}");\n        all.push(one);\n    }\n    println!("{all:?}");\n}\n',
        ),
        Example(
            "pub fn doubled(all: Vec<u8>) -> impl Iterator<Item = u8> {\n    all.iter().map(|x| x * 2)\n}\n",
            "pub fn doubled(all: Vec<u8>) -> impl Iterator<Item = u8> {\n    all.into_iter().map(|x| x * 2)\n}\n",
        ),
    ),
    patches=_patches,
)
