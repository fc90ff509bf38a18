"""Implements operators for types of the crate, field by field, and writes what others have instead of an operator."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.conversions import Conversion
from tars.rust.rules_support.items import declared_type, fields, implements, name_of, variants
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.traits import after
from tars.rust.rules_support.types import FLOATS, NUMBERS, RustType, parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch

_TRAITS = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "%": "Rem"}
_EMPTIES = frozenset({"String", "str", "Vec", "[]", "HashMap", "HashSet", "BTreeMap", "BTreeSet", "VecDeque"})


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0600":
        yield from _unary(site)
        return
    operation = site.up("binary_expression", "compound_assignment_expr")
    left = operation.child_by_field_name("left") if operation else None
    right = operation.child_by_field_name("right") if operation else None
    if operation is None or left is None or right is None:
        return
    operator = site.file.text(operation.child_by_field_name("operator") or operation)
    types = [parse_type(label.text) for label in site.diagnostic.labels if not label.primary]
    if operation.type == "compound_assignment_expr":
        yield from _assigned(site, operation, left, right, operator.removesuffix("="))
        return
    text, other = site.file.text(left), site.file.text(right)
    value = _first_value(site, text) if operator in ("<<", ">>", "&", "|", "^") else None
    if value is not None and types and types[0].head in FLOATS:
        yield from _whole(site, value)
    if len(types) == 2 and operator == "*" and types[0].peeled.head in ("str", "String"):
        yield patch("repeat the text", 0.7, site.file.replace(operation, f"{text}.repeat({other})"))
    elif len(types) == 2 and operator == "+" and types[0].peeled.head == types[1].peeled.head == "Vec":
        yield patch("put one behind the other", 0.65, site.file.replace(operation, f"[{text}, {other}].concat()"))
    else:
        yield from _by_value(site, operator, left, right, types)
        yield from _implemented(site, operator, str(types[0]) if types else "", same=len(set(types)) == 1)


def _by_value(site: Site, operator: str, left: Node, right: Node, types: list[RustType]) -> Iterator[Patch]:
    """Loans of what has the operator by value: its values; and a number before what takes one behind it."""
    heads = [one.peeled.head for one in types]
    trait = _TRAITS.get(operator, "")
    if len(types) != 2 or not trait:
        return
    own = next((head for head in heads if declared_type(site.context, head)), "")
    if not own or not implements(site.context, own, trait):
        return
    if "&" in (types[0].head, types[1].head):
        copied = implements(site.context, own, "Copy")
        changes = []
        for side, type_ in ((left, types[0]), (right, types[1])):
            if type_.head == "&":
                way = Conversion("*{}" if copied or type_.peeled.is_copied else "{}.clone()", "", 0.6)
                changes.append(way.change(site.file, side))
        yield patch("calculate with the values", 0.65, *changes)
    elif heads[1] == own and heads[0] != own and operator in ("*", "+"):
        text, other = site.file.text(left), site.file.text(right)
        yield patch(
            "calculate the other way round", 0.6, site.file.replace(left, other), site.file.replace(right, text)
        )


def _implemented(site: Site, operator: str, type_text: str, *, same: bool) -> Iterator[Patch]:
    """The operator's trait for a struct whose fields are numbers."""
    own = declared_type(site.context, type_text)
    if operator not in _TRAITS or not same or own is None or type_text.startswith("&"):
        return
    file, node = own
    parts = fields(file, node) if node.type == "struct_item" else []
    if not parts or any(parse_type(type_).head not in NUMBERS for _, type_ in parts):
        return
    name, trait = name_of(file, node), _TRAITS[operator]
    text = _text(name, trait, f"{trait.lower()}", [f"self.{one} {operator} other.{one}" for one, _ in parts], parts)
    yield patch(f"implement `{trait}` for `{name}`, field by field", 0.5, after(file, node, text))


def _text(
    name: str, trait: str, method: str, values: list[str], parts: list[tuple[str, str]], unary: bool = False
) -> str:
    given = values if parts[0][0] == "0" else [f"{one}: {value}" for (one, _), value in zip(parts, values, strict=True)]
    made = f"{name}({', '.join(given)})" if parts[0][0] == "0" else f"{name} {{ {', '.join(given)} }}"
    other = "" if unary else f", other: {name}"
    return (
        f"impl std::ops::{trait} for {name} {{\n    type Output = {name};\n\n"
        f"    fn {method}(self{other}) -> {name} {{\n        {made}\n    }}\n}}"
    )


def _assigned(site: Site, operation: Node, left: Node, right: Node, operator: str) -> Iterator[Patch]:
    """`a += b` where only `a + b` exists, a text that is to grow, and bits of a number that has none."""
    found = re.search(r"cannot be applied to type `(.+)`", site.diagnostic.message)
    type_ = parse_type(found[1]) if found else parse_type("_")
    text, other = site.file.text(left), site.file.text(right)
    own = declared_type(site.context, str(type_))
    trait = _TRAITS.get(operator, "")
    if own is not None and trait:
        if implements(site.context, name_of(*own), trait):
            yield patch(f"use `{operator}`", 0.6, site.file.replace(operation, f"{text} = {text} {operator} {other}"))
        file, node = own
        parts = fields(file, node) if node.type == "struct_item" else []
        if parts and all(parse_type(one).head in NUMBERS for _, one in parts):
            name = name_of(file, node)
            lines = "".join(f"        self.{one} {operator}= other.{one};\n" for one, _ in parts)
            made = (
                f"impl std::ops::{trait}Assign for {name} {{\n"
                f"    fn {trait.lower()}_assign(&mut self, other: {name}) {{\n{lines}    }}\n}}"
            )
            yield patch(f"implement `{trait}Assign` for `{name}`", 0.5, after(file, node, made))
    value = _first_value(site, text)
    if value is None:
        return
    if type_.head == "&" and type_.inner.head == "str" and operator == "+" and value.type == "string_literal":
        yield patch("let it be a `String`, which can grow", 0.65, site.file.insert(value.end_byte, ".to_string()"))
    elif type_.head in FLOATS and operator in ("<<", ">>", "&", "|", "^"):
        yield from _whole(site, value)


def _whole(site: Site, value: Node) -> Iterator[Patch]:
    """A floating-point number whose bits are asked for: an integer."""
    whole = re.fullmatch(r"(\d+)(?:\.0*)?(f32|f64)", site.file.text(value))
    if whole:
        number = f"{whole[1]}u{whole[2][1:]}"
        yield patch("let it be an integer, which has bits", 0.45, site.file.replace(value, number))


def _first_value(site: Site, name: str) -> Node | None:
    """What the variable is declared with."""
    for let in site.file.walk("let_declaration"):
        pattern, value = let.child_by_field_name("pattern"), let.child_by_field_name("value")
        if pattern is not None and site.file.text(pattern) == name and let.end_byte <= site.place.start:
            return value
    return None


def _unary(site: Site) -> Iterator[Patch]:
    """`!` and `-` on what has neither."""
    found = re.match(r"cannot apply unary operator `([!-])` to type `(.+)`", site.diagnostic.message)
    if found is None or site.node.type != "unary_expression":
        return
    value = site.node.named_children[0]
    text, bare = site.file.text(value), parse_type(found[2]).peeled
    if found[1] == "!" and bare.head in _EMPTIES:
        yield patch("ask whether it is empty", 0.6, site.file.replace(site.node, f"{text}.is_empty()"))
    elif found[1] == "!" and bare.head in ("Option", "Result"):
        method = "is_none" if bare.head == "Option" else "is_err"
        yield patch("ask whether there is none", 0.65, site.file.replace(site.node, f"{text}.{method}()"))
    own = declared_type(site.context, str(bare))
    if own is not None:
        yield from _unary_implemented(own[0], own[1], found[1])


def _unary_implemented(file: SourceFile, node: Node, operator: str) -> Iterator[Patch]:
    name = name_of(file, node)
    parts = fields(file, node) if node.type == "struct_item" else []
    plain = [name_of(file, one) for one in variants(node) if one.child_by_field_name("body") is None]
    if operator == "-" and parts and all(parse_type(one).head in NUMBERS for _, one in parts):
        text = _text(name, "Neg", "neg", [f"-self.{one}" for one, _ in parts], parts, unary=True)
        yield patch(f"implement `Neg` for `{name}`", 0.5, after(file, node, text))
    elif operator == "!" and len(parts) == 1 and parse_type(parts[0][1]).head == "bool":
        text = _text(name, "Not", "not", [f"!self.{parts[0][0]}"], parts, unary=True)
        yield patch(f"implement `Not` for `{name}`", 0.5, after(file, node, text))
    elif operator == "!" and len(plain) == len(variants(node)) == 2:
        text = (
            f"impl std::ops::Not for {name} {{\n    type Output = {name};\n\n    fn not(self) -> {name} {{\n"
            f"        match self {{\n            {name}::{plain[0]} => {name}::{plain[1]},\n"
            f"            {name}::{plain[1]} => {name}::{plain[0]},\n        }}\n    }}\n}}"
        )
        yield patch(f"implement `Not` for `{name}`, which has two values", 0.5, after(file, node, text))


PLUGIN = Mend(
    codes=("E0368", "E0369", "E0600"),
    title="give the type the operator, or say it without one",
    cites=("docs:std/ops/index.html", "docs:error_codes/E0369.html"),
    examples=(
        Example(
            """
pub struct Money(pub i32);
pub fn sum(one: Money, other: Money) -> Money {
    one + other
}
""",
            """
pub struct Money(pub i32);

impl std::ops::Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}
pub fn sum(one: Money, other: Money) -> Money {
    one + other
}
""",
        ),
        Example(
            """
pub fn greet() -> String {
    let mut text = "hello";
    text += " you";
    text.to_string()
}
""",
            """
pub fn greet() -> String {
    let mut text = "hello".to_string();
    text += " you";
    text.to_string()
}
""",
        ),
        Example(
            "pub fn none(all: &Vec<i32>) -> bool {\n    !all\n}\n",
            "pub fn none(all: &Vec<i32>) -> bool {\n    all.is_empty()\n}\n",
        ),
    ),
    patches=_patches,
)
