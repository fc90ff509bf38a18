"""Mends a method that changes one field while it reads `self`: the field is taken out, changed, and put back."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import loan_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import free_name, siblings
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    loan = loan_of(site)
    if loan is None:
        return
    places = (loan.first, loan.conflict)
    found = siblings(site.file, *places)
    if found is None or found[0].id != found[1].id:
        return
    statement = found[0]
    for place in places:
        node = site.file.exactly(place) or site.file.node_at(place)
        field = _field(site, node)
        if field is not None:
            yield from _taken(site, statement, field)
            return


def _field(site: Site, node: Node) -> Node | None:
    """The `self.field` that is borrowed mutably: the label's own, or what the labelled call is a method of."""
    while node.type == "call_expression":
        function = node.child_by_field_name("function")
        if function is None or function.type != "field_expression":
            return None
        node = function.child_by_field_name("value") or function
    if node.type == "reference_expression":
        node = node.child_by_field_name("value") or node
    if node.type != "field_expression":
        return None
    owner = node.child_by_field_name("value")
    return node if owner is not None and site.file.text(owner) == "self" else None


def _taken(site: Site, statement: Node, field: Node) -> Iterator[Patch]:
    file = site.file
    text = file.text(field)
    named = field.child_by_field_name("field")
    name = free_name(file, field, file.text(named) if named and not file.text(named).isdigit() else "taken", "taken")
    if file.data[statement.end_byte - 1 : statement.end_byte] not in (b";", b"}"):
        return
    inner = file.data[statement.start_byte : statement.end_byte]
    for one in reversed(list(file.walk("field_expression", within=statement))):
        if file.text(one) == text:
            start, end = one.start_byte - statement.start_byte, one.end_byte - statement.start_byte
            inner = inner[:start] + name.encode() + inner[end:]
    indent = "\n" + file.indent(statement.start_byte)
    parts = (f"let mut {name} = std::mem::take(&mut {text});", inner.decode(), f"{text} = {name};")
    # One change: half of it would build too, and lose the field.
    whole = file.replace(statement, indent.join(parts))
    yield patch("take the field out while `self` is read, and put it back", 0.4, whole)


PLUGIN = Mend(
    codes=("E0502", "E0499"),
    title="take a field out of `self` while both are used",
    cites=("docs:error_codes/E0502.html", "docs:std/mem/fn.take.html"),
    examples=(
        Example(
            "pub struct Few {\n    all: Vec<u8>,\n    most: u8,\n}\n\nimpl Few {\n    fn fits(&self, x: u8) -> bool {\n"
            "        x < self.most\n    }\n\n    pub fn keep(&mut self) {\n"
            "        self.all.retain(|x| self.fits(*x));\n"
            "    }\n}\n",
            "pub struct Few {\n    all: Vec<u8>,\n    most: u8,\n}\n\nimpl Few {\n    fn fits(&self, x: u8) -> bool {\n"
            "        x < self.most\n    }\n\n    pub fn keep(&mut self) {\n"
            "        let mut all = std::mem::take(&mut self.all);\n        all.retain(|x| self.fits(*x));\n"
            "        self.all = all;\n    }\n}\n",
        ),
        Example(
            "pub struct Few {\n    all: Vec<u8>,\n    count: u8,\n}\n\nimpl Few {\n    fn next(&mut self) -> u8 {\n"
            "        self.count += 1;\n        self.count\n    }\n\n    pub fn number(&mut self) {\n"
            "        for x in self.all.iter_mut() {\n            *x = self.next();\n        }\n    }\n}\n",
            "pub struct Few {\n    all: Vec<u8>,\n    count: u8,\n}\n\nimpl Few {\n    fn next(&mut self) -> u8 {\n"
            "        self.count += 1;\n        self.count\n    }\n\n    pub fn number(&mut self) {\n"
            "        let mut all = std::mem::take(&mut self.all);\n        for x in all.iter_mut() {\n"
            "            *x = self.next();\n        }\n        self.all = all;\n    }\n}\n",
        ),
    ),
    patches=_patches,
)
