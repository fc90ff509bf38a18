"""Mends a variable that has no value on some way to its use: it begins with a neutral one, or `else` gives one."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.statements import declaration
from tars.rust.rules_support.types import FLOATS, INTEGERS
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch, Place

_NEUTRAL = {
    **dict.fromkeys(INTEGERS, "0"), **dict.fromkeys(FLOATS, "0.0"), "bool": "false", "char": "'\\0'", "&str": '""',
    "String": "String::new()", "&'static str": '""', "()": "()",
}  # fmt: skip
_NEW = re.compile(r"(Vec|HashMap|HashSet|BTreeMap|BTreeSet|VecDeque|BinaryHeap)\b")


def _patches(site: Site) -> Iterator[Patch]:
    label = next((one for one in site.diagnostic.labels if "declared here but left uninitialized" in one.text), None)
    named = re.search(r"`(\w+)`", site.diagnostic.message)
    if label is None or named is None or label.place.path != site.file.path:
        return
    file, name = site.file, named[1]
    statement = file.node_of(label.place, "let_declaration") or declaration(file, name, site.place)
    pattern = statement.child_by_field_name("pattern") if statement is not None else None
    if statement is None or pattern is None or statement.child_by_field_name("value") is not None:
        return
    assigned = [one for one in file.walk("assignment_expression", within=statement.parent) if _is_to(file, one, name)]
    value = _neutral(site, statement, assigned)
    if value is None:
        return
    changes = [file.insert(statement.end_byte - 1, f" = {value}")]
    mutable = any(child.type == "mutable_specifier" for child in statement.children)
    if assigned and not mutable:
        changes.insert(0, file.insert(pattern.start_byte, "mut "))
    yield patch(f"begin with `{value}`", 0.6, *changes)
    yield from _otherwise(file, assigned, name, value)


def _is_to(file: SourceFile, node: Node, name: str) -> bool:
    left = node.child_by_field_name("left")
    return left is not None and file.text(left) == name


def _neutral(site: Site, statement: Node, assigned: list[Node]) -> str | None:
    """A value that says nothing, of the variable's type: as written, or that of what is assigned to it elsewhere."""
    written = statement.child_by_field_name("type")
    if written is not None:
        type_: str | None = site.file.text(written)
    else:
        values = [one.child_by_field_name("right") for one in assigned]
        places = [Place(site.file.path, one.start_byte, one.end_byte) for one in values if one is not None]
        type_ = next(iter(site.context.types(places[:1])), None)
    if type_ is None:
        return None
    type_ = {"{integer}": "i32", "{float}": "f64"}.get(type_, type_)
    if type_.startswith("Option<"):
        return "None"
    if found := _NEW.match(type_):
        return f"{found[1]}::new()"
    return _NEUTRAL.get(type_)


def _otherwise(file: SourceFile, assigned: list[Node], name: str, value: str) -> Iterator[Patch]:
    """An `else` for the only `if` that gives the variable a value."""
    inner = next((one for one in ancestors(assigned[0]) if one.type == "if_expression"), None) if assigned else None
    if inner is None or len(assigned) != 1 or inner.child_by_field_name("alternative") is not None:
        return
    indent = file.indent(inner.start_byte)
    text = f"else {{\n{indent}    {name} = {value};\n{indent}}}"
    yield patch("give it a value otherwise", 0.4, file.insert(inner.end_byte, f" {text}"))


PLUGIN = Mend(
    codes=("E0381",),
    title="give a variable its first value",
    cites=("docs:error_codes/E0381.html", "docs:reference/statements.html#let-statements"),
    examples=(
        Example(
            "pub fn sign(x: i32) -> i32 {\n    let y: i32;\n    if x > 0 {\n        y = 1;\n    }\n    y\n}\n",
            "pub fn sign(x: i32) -> i32 {\n    let mut y: i32 = 0;\n    if x > 0 {\n        y = 1;\n    }\n    y\n}\n",
        ),
        Example(
            "pub fn sign(x: i32) -> i32 {\n    let y: i32;\n    if x > 0 {\n        y = 1;\n    }\n    y\n}\n",
            "pub fn sign(x: i32) -> i32 {\n    let y: i32;\n    if x > 0 {\n        y = 1;\n    } else {\n"
            "        y = 0;\n    }\n    y\n}\n",
        ),
    ),
    patches=_patches,
)
