"""Mends a loop over something that its body changes: it goes over a clone, over indices, or over what was taken out."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import is_copy, loan_of, place_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.statements import uses
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    loan = loan_of(site)
    if loan is None:
        return
    loop = _loop_over(site, loan.first, loan.conflict)
    if loop is None:
        return
    walked, pattern, body = (loop.child_by_field_name(name) for name in ("value", "pattern", "body"))
    if walked is not None:
        yield from _collected(site, walked)
    owner = _walked(site.file, walked) if walked is not None else None
    if owner is None or walked is None or pattern is None or body is None:
        return
    yield from _by_index(site, owner, walked, pattern, body)
    yield patch("go over a clone", 0.55, site.file.insert(owner.end_byte, ".clone()"))


def _loop_over(site: Site, first: Place, conflict: Place) -> Node | None:
    """The `for` whose value holds the loan and whose body the conflict stands in."""
    node = site.file.node_at(conflict)
    for around in (node, *ancestors(node)):
        if around.type == "for_expression":
            value, body = around.child_by_field_name("value"), around.child_by_field_name("body")
            if value and body and value.start_byte <= first.start <= value.end_byte:
                return around if body.start_byte <= conflict.start else None
    return None


def _walked(file: SourceFile, value: Node) -> Node | None:
    """What a loop goes over by shared reference: `all` of `&all` and `all.iter()`."""
    if value.type == "reference_expression":
        if any(child.type == "mutable_specifier" for child in value.children):
            return None
        return value.child_by_field_name("value")
    if value.type == "call_expression":
        function = value.child_by_field_name("function")
        if function is not None and function.type == "field_expression":
            owner, name = function.child_by_field_name("value"), function.child_by_field_name("field")
            if owner is not None and name is not None and file.text(name) == "iter":
                return owner
    return None


def _collected(site: Site, walked: Node) -> Iterator[Patch]:
    """`for key in map.keys()`: over a copy of the keys."""
    text = site.file.text(walked)
    if text.endswith((".keys()", ".values()")):
        yield patch("go over a copy", 0.6, site.file.replace(walked, f"&{text}.cloned().collect::<Vec<_>>()"))


def _by_index(site: Site, owner: Node, walked: Node, pattern: Node, body: Node) -> Iterator[Patch]:
    """`for i in 0..all.len()`, with a copy of each element."""
    file = site.file
    if pattern.type not in ("identifier", "reference_pattern"):
        return
    bare = pattern.named_children[0] if pattern.type == "reference_pattern" else pattern
    type_ = site.context.types([place_of(file, owner)])[0] or ""
    if not is_copy(_element(type_)):
        return
    name, text = file.text(bare), file.text(owner)
    taken = {file.text(one) for one in file.walk("identifier", within=body)}
    index = next(one for one in ("i", "j", "k", "index", "position") if one not in taken or one == "position")
    first = next((one for one in body.named_children), None)
    if first is None:
        return
    changes = [
        file.replace(Place(file.path, pattern.start_byte, walked.end_byte), f"{index} in 0..{text}.len()"),
        file.insert(first.start_byte, f"let {name} = {text}[{index}];\n{file.indent(first.start_byte)}"),
    ]
    if pattern.type == "identifier":
        changes += _without_stars(file, body, name)
    yield patch("go over the indices", 0.6, *changes)


def _without_stars(file: SourceFile, body: Node, name: str) -> Iterator[Change]:
    for use in uses(file, body, name):
        before = file.data[: use.start_byte]
        if use.type == "identifier" and before.endswith(b"*"):
            yield file.delete(Place(file.path, use.start_byte - 1, use.start_byte))


def _element(type_: str) -> str:
    """The element type of a vector, slice or array, as the compiler prints it; empty for anything else."""
    bare = type_.lstrip("&").removeprefix("mut ")
    if bare.startswith("Vec<"):
        return bare.removeprefix("Vec<").removesuffix(">")
    if bare.startswith("["):
        return bare.strip("[]").partition(";")[0].strip()
    return ""


PLUGIN = Mend(
    codes=("E0502",),
    title="go over a clone, or over indices, where the loop's body changes what it goes over",
    cites=("docs:error_codes/E0502.html", "docs:book/ch08-01-vectors.html"),
    examples=(
        Example(
            "pub struct Sum(Vec<u8>, u8);\n\nimpl Sum {\n    fn add(&mut self, x: u8) {\n        self.1 += x;\n"
            "    }\n\n"
            "    pub fn all(&mut self) {\n        for x in &self.0 {\n            self.add(*x);\n        }\n    }\n}\n",
            "pub struct Sum(Vec<u8>, u8);\n\nimpl Sum {\n    fn add(&mut self, x: u8) {\n        self.1 += x;\n"
            "    }\n\n"
            "    pub fn all(&mut self) {\n        for i in 0..self.0.len() {\n            let x = self.0[i];\n"
            "            self.add(x);\n        }\n    }\n}\n",
        ),
        Example(
            "pub fn double(mut all: Vec<String>) -> Vec<String> {\n    for one in &all {\n"
            "        all.push(one.clone());\n    }\n    all\n}\n",
            "pub fn double(mut all: Vec<String>) -> Vec<String> {\n    for one in &all.clone() {\n"
            "        all.push(one.clone());\n    }\n    all\n}\n",
        ),
    ),
    patches=_patches,
)
