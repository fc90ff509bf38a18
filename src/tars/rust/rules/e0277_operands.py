"""Mends operators between two types: converts one operand into what fits the other."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.conversions import Conversion, before_shift, conversions
from tars.rust.rules_support.items import implements
from tars.rust.rules_support.literals import rewritten
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.methods import declared_value
from tars.rust.rules_support.types import (
    FLOATS,
    RustType,
    fits,
    is_float,
    is_integer,
    is_lossless,
    is_number,
    mismatch,
    parse_type,
)
from tars.rust.values import Example, Patch

_WAYS_MAX = 4
_NO = re.compile(r"no implementation for `(.+?) (\+|-|\*|/|%|==|<|>|\+=|-=|\*=|/=|%=|<<|>>|&|\||\^|&=|\|=|\^=) (.+)`$")
_TEXTS = frozenset({"ToUppercase", "ToLowercase", "char", "EscapeDefault"})
_BINARY = ("binary_expression", "compound_assignment_expr")


def _patches(site: Site) -> Iterator[Patch]:
    yield from _calculated(site)
    operation = _operation(site)
    types = _operands(site, operation)
    left, right = _sides(operation)
    if types is None or operation is None or left is None or right is None:
        return
    assigns = operation.type == "compound_assignment_expr"
    operator = "==" if operation.type == "call_expression" else ""
    operator = operator or site.file.text(operation.child_by_field_name("operator") or operation)
    found: list[tuple[float, Conversion, Node]] = []
    found += [(confidence, way, right) for confidence, way in _ways(types[1], types[0], operator)]
    if not assigns:
        found += [(confidence, way, left) for confidence, way in _ways(types[0], types[1], operator)]
    for node, wanted in ((right, types[0]), (left, types[1])):
        literal = rewritten(site.file.text(node), wanted.peeled)
        if literal is not None:
            cut = is_integer(wanted.peeled) and node.type == "float_literal"
            sure = 0.25 if cut else 0.7
            yield patch(f"write it as a literal of `{wanted.peeled}`", sure, site.file.replace(node, literal))
    yield from _begun_whole(site, left, types)
    own = types[1].head
    if (
        operator in ("+", "*")
        and is_number(types[0])
        and implements(site.context, own, "Add" if operator == "+" else "Mul")
    ):
        text, other = site.file.text(left), site.file.text(right)
        yield patch(
            "calculate the other way round", 0.65, site.file.replace(left, other), site.file.replace(right, text)
        )
    if operator == "+" and types[0].peeled.head in _TEXTS and types[1].peeled.head in ("str", "String"):
        way = Conversion("{}.to_string()", "make a text of it, which can grow", 0.65)
        yield patch(way.reason, 0.65, way.change(site.file, left))
    for confidence, way, node in sorted(found, key=lambda one: -one[0])[:_WAYS_MAX]:
        shifted = before_shift(way, site.file, node) if is_number(types[0].peeled) else None
        if shifted is not None:
            yield patch(f"{way.reason}, before it is shifted", min(confidence + 0.1, 0.9), shifted)
        yield patch(way.reason, confidence, way.change(site.file, node))


def _begun_whole(site: Site, left: Node, types: tuple[RustType, RustType]) -> Iterator[Patch]:
    """A sum that begins with `0`, to which floating-point numbers are added: it begins with `0.0`."""
    name = next((site.file.text(one) for one in site.file.walk("identifier", within=left)), "")
    value = declared_value(site, name, left.start_byte) if name else None
    if value is None or types[0].peeled.head != "{integer}" or not is_float(types[1].peeled):
        return
    changes = []
    for one in site.file.walk("integer_literal", within=value):
        length = one.prev_sibling is not None and one.prev_sibling.type == ";"
        if site.file.text(one).isdigit() and not length:
            changes.append(site.file.insert(one.end_byte, ".0"))
    if changes:
        yield patch("begin with floating-point numbers", 0.7, *changes)


def _operation(site: Site) -> Node | None:
    """The operation; of `assert_eq!(…)` the call, which compares its first two arguments."""
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call else None
    if function is not None and site.file.text(function) in ("assert_eq!", "assert_ne!"):
        return call
    return site.up(*_BINARY)


def _sides(operation: Node | None) -> tuple[Node | None, Node | None]:
    if operation is not None and operation.type == "call_expression":
        arguments = operation.child_by_field_name("arguments")
        given = arguments.named_children if arguments else []
        return (given[0], given[1]) if len(given) >= 2 else (None, None)
    if operation is None:
        return None, None
    return operation.child_by_field_name("left"), operation.child_by_field_name("right")


def _calculated(site: Site) -> Iterator[Patch]:
    """Whole numbers are calculated with where a floating-point number is wanted: the fraction would be lost."""
    types = mismatch(site.diagnostic) if site.diagnostic.code == "E0308" else None
    wanted = types.wanted if types is not None and is_integer(types.found) else None
    operation = site.node if wanted is not None else site.up("binary_expression")
    if site.diagnostic.code == "E0277" and operation is not None:
        tails = [mismatch(one) for one in site.context.diagnostics if one.code == "E0308" and one.primary is not None
                 and one.primary == site.file.place(operation)]  # fmt: skip
        wanted = tails[0].wanted if tails and tails[0] is not None else None
    left, right = _sides(operation)
    if wanted is None or wanted.head not in FLOATS or operation is None or left is None or right is None:
        return
    if (
        operation.type == "binary_expression"
        and site.file.text(operation.child_by_field_name("operator") or left) == "/"
    ):
        changes = []
        for side in (left, right):
            literal = rewritten(site.file.text(side), wanted)
            cast = Conversion(f"{{}} as {wanted}", "", 0.7).applied(site.file.text(side), side.type)
            changes.append(site.file.replace(side, literal or cast))
        yield patch(f"divide as `{wanted}`, which keeps the fraction", 0.75, *changes)


def _operands(site: Site, operation: Node | None) -> tuple[RustType, RustType] | None:
    """The types of the two operands, as the compiler tells them."""
    for label in site.diagnostic.labels:
        if found := _NO.match(label.text):
            return parse_type(found[1]), parse_type(found[3])
    said = [label for label in site.diagnostic.labels if not label.primary and label.text]
    if site.diagnostic.code == "E0369" and len(said) == 2:
        return parse_type(said[0].text), parse_type(said[1].text)
    types = mismatch(site.diagnostic) if site.diagnostic.code == "E0308" else None
    right = _sides(operation)[1]
    if types is not None and right is not None and site.file.place(right) == site.place:
        return types.wanted, types.found
    return None


def _ways(found: RustType, wanted: RustType, operator: str) -> Iterator[tuple[float, Conversion]]:
    """How one operand is turned into the other's type, each with how likely it is meant."""
    if operator in ("<<", ">>"):
        return
    loans = _loans(found, wanted)
    if loans is not None:
        yield loans.confidence, loans
    bare, other = found.peeled, wanted.peeled
    if is_number(bare) and is_number(other):
        stars = "*" if found.head == "&" else ""
        for way in conversions(bare, other) if "{" not in other.head else ():
            text = way.template.replace("{}", stars + "{}")
            yield _sure(bare, other, way), Conversion(text, way.reason, way.confidence)
        return
    if bare.head == "bool" and other.head in ("{integer}", "_"):
        yield 0.5, Conversion("{} as i32", "count a truth value as 0 or 1", 0.5)
    for way in conversions(found, wanted):
        if "?" not in way.template and "parse" not in way.template and ".len()" not in way.template:
            yield way.confidence * 0.8, way


def _sure(found: RustType, wanted: RustType, way: Conversion) -> float:
    """Numbers are widened rather than narrowed, and made floating-point rather than cut."""
    if is_float(found) and is_integer(wanted):
        return 0.15
    if is_integer(found) and is_float(wanted):
        return 0.7 if way.template.startswith("{} as") else 0.65
    if is_lossless(found.head, wanted.head):
        return 0.7 if "::from" in way.template else 0.6
    return 0.45 if wanted.head in ("usize", "isize") else 0.3


def _loans(found: RustType, wanted: RustType) -> Conversion | None:
    """The loans that one has too many or too few."""
    depth, bare = 0, found
    while bare.head == "&" and not fits(bare, wanted):
        bare, depth = bare.inner, depth + 1
    if depth and fits(bare, wanted) and bare.head != "str":
        return Conversion("*" * depth + "{}", "take what it refers to", 0.65)
    depth, bare = 0, wanted
    while bare.head == "&" and not fits(bare, found):
        bare, depth = bare.inner, depth + 1
    return Conversion("&" * depth + "{}", "compare loans with loans", 0.4) if depth and fits(bare, found) else None


PLUGIN = Mend(
    codes=("E0277", "E0308", "E0369"),
    title="bring both operands to one type",
    cites=("docs:reference/expressions/operator-expr.html", "docs:error_codes/E0277.html"),
    examples=(
        Example(
            """
pub fn joined(bytes: [u8; 2]) -> u32 {
    let mut all = 0u32;
    all |= (bytes[0] & 15) << 8;
    all
}
""",
            """
pub fn joined(bytes: [u8; 2]) -> u32 {
    let mut all = 0u32;
    all |= u32::from(bytes[0] & 15) << 8;
    all
}
""",
        ),
        Example(
            """
pub fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len()
}
""",
            """
pub fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len() as f64
}
""",
        ),
        Example(
            """
pub fn big(all: &[i32]) -> usize {
    all.iter().filter(|one| one > 9).count()
}
""",
            """
pub fn big(all: &[i32]) -> usize {
    all.iter().filter(|one| **one > 9).count()
}
""",
        ),
        Example(
            """
pub fn even(all: &[i32]) -> usize {
    all.iter().filter(|one| one % 2 == 0).count()
}
""",
            """
pub fn even(all: &[i32]) -> usize {
    all.iter().filter(|one| **one % 2 == 0).count()
}
""",
        ),
    ),
    patches=_patches,
)
