"""Mends a loan that is held too long by keeping a copy of the value instead of the loan."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import is_copy, loan_of, order_of, place_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import uses
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    loan = loan_of(site)
    order = order_of(loan) if loan else None
    if order is None or len(order.names) != 1 or order.first.type != "let_declaration":
        return
    value = order.first.child_by_field_name("value")
    if value is None or value.type == "closure_expression" or order.first.child_by_field_name("type") is not None:
        return
    owned = _owned(site, value)
    if owned is None:
        return
    text, copied, sure = owned
    changes = [site.file.replace(value, text)]
    if copied:
        after = order.between(order.first, order.block[-1])
        changes += [change for one in after for change in _without_stars(site.file, one, order.names[0])]
    yield patch("keep a copy instead of the loan" if copied else "keep a clone instead of the loan", sure, *changes)


def _owned(site: Site, value: Node) -> tuple[str, bool, float] | None:
    """The value without the loan: its text, whether it is a mere copy, and how good an idea that is."""
    file = site.file
    text = file.text(value)
    if value.type == "reference_expression":
        if any(child.type == "mutable_specifier" for child in value.children):
            return None
        inner = value.child_by_field_name("value")
        type_ = site.context.types([place_of(file, inner)])[0] if inner else None
        bare = file.text(inner) if inner else ""
        if is_copy(type_):
            return bare, True, 0.68
        if type_ == "str":
            return f"{bare}.to_string()", False, 0.45
        if type_ is not None and type_.startswith("["):
            return f"{bare}.to_vec()", False, 0.45
        return (f"{bare}.clone()", False, 0.5) if type_ is not None else None
    type_ = site.context.types([place_of(file, value)])[0]
    return _cloned(text, type_)


def _cloned(text: str, type_: str | None) -> tuple[str, bool, float] | None:
    """What is returned by a call and holds the loan, as a value of its own."""
    if type_ is None or type_.startswith("&mut "):
        return None
    if type_ in ("&str", "&'static str"):
        return f"{text}.to_string()", False, 0.5
    if type_.startswith("&["):
        return f"{text}.to_vec()", False, 0.45
    if type_.startswith("&"):
        return (f"*{text}", True, 0.68) if is_copy(type_[1:]) else (f"{text}.clone()", False, 0.5)
    if type_.startswith("Option<&") and not type_.startswith("Option<&mut"):
        inner = type_.removeprefix("Option<&").removesuffix(">")
        if inner == "str":
            return f"{text}.map(str::to_string)", False, 0.45
        return (f"{text}.copied()", False, 0.6) if is_copy(inner) else (f"{text}.cloned()", False, 0.5)
    return None


def _without_stars(file: SourceFile, statement: Node, name: str) -> Iterator[Change]:
    """`*name` written as `name`: it is no reference any more."""
    for use in uses(file, statement, name):
        before = file.data[: use.start_byte].rstrip()
        parent = use.parent
        starred = parent is not None and parent.type == "unary_expression"
        starred |= use.parent is not None and use.parent.type == "token_tree" and before.endswith(b"*")
        if starred and before.endswith(b"*") and use.type == "identifier":
            yield file.delete(Place(file.path, len(before) - 1, use.start_byte))


PLUGIN = Mend(
    codes=("E0502", "E0505", "E0506"),
    title="keep a copy of the value instead of a loan of it",
    cites=("docs:error_codes/E0502.html", "docs:book/ch04-01-what-is-ownership.html"),
    examples=(
        Example(
            "pub fn first(mut all: Vec<u8>) -> u8 {\n    let one = &all[0];\n    all.push(4);\n    *one\n}\n",
            "pub fn first(mut all: Vec<u8>) -> u8 {\n    let one = all[0];\n    all.push(4);\n    one\n}\n",
        ),
        Example(
            "pub fn first(mut all: Vec<String>) -> usize {\n    let one = all.first().unwrap();\n    drop(all);\n"
            "    one.len()\n}\n",
            "pub fn first(mut all: Vec<String>) -> usize {\n    let one = all.first().unwrap().clone();\n"
            "    drop(all);\n"
            "    one.len()\n}\n",
        ),
        Example(
            'pub fn show(mut x: u8) {\n    let seen = &x;\n    x = 6;\n    println!("{seen} {x}");\n}\n',
            'pub fn show(mut x: u8) {\n    let seen = x;\n    x = 6;\n    println!("{seen} {x}");\n}\n',
        ),
    ),
    patches=_patches,
)
