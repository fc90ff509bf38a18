"""Slips that build and do the wrong thing, in Rust: small changes of operators, constants, conditions, names and calls.

What takes one slip back is itself one, so the same table serves both ways: to mend what fails its tests, and to change
what is to become better. Nodes are those of tree-sitter's grammar; places are bytes of the file.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, NamedTuple

from tree_sitter import Node

_OPERATORS: Final = {
    "<": (("<=", 0.5), (">", 0.4), (">=", 0.15)), "<=": (("<", 0.5), (">=", 0.4), (">", 0.15)),
    ">": ((">=", 0.5), ("<", 0.4), ("<=", 0.15)), ">=": ((">", 0.5), ("<=", 0.4), ("<", 0.15)),
    "==": (("!=", 0.4), ("<=", 0.1), (">=", 0.1)), "!=": (("==", 0.4),), "&&": (("||", 0.4),), "||": (("&&", 0.4),),
    "+": (("-", 0.4), ("*", 0.2)), "-": (("+", 0.4), ("/", 0.1)), "*": (("+", 0.2), ("/", 0.25)),
    "/": (("*", 0.3), ("%", 0.3)), "%": (("/", 0.35),), "<<": ((">>", 0.4),), ">>": (("<<", 0.4),),
    "&": (("|", 0.3), ("^", 0.15)), "|": (("&", 0.3), ("^", 0.2)), "^": (("|", 0.2), ("&", 0.2)),
    "+=": (("-=", 0.4), ("*=", 0.2), ("=", 0.15)), "-=": (("+=", 0.4),), "*=": (("/=", 0.25), ("+=", 0.25)),
    "/=": (("*=", 0.3),), "|=": (("&=", 0.3),), "&=": (("|=", 0.3),), "..": (("..=", 0.4),), "..=": (("..", 0.4),),
}  # fmt: skip
_PAIRS: Final = """
min max, any all, first last, push_front push_back, pop_front pop_back, starts_with ends_with, is_some is_none,
is_ok is_err, to_uppercase to_lowercase, to_ascii_uppercase to_ascii_lowercase, is_uppercase is_lowercase,
is_ascii_uppercase is_ascii_lowercase, trim_start trim_end, floor ceil, round floor, take skip, take_while skip_while,
min_by_key max_by_key, min_by max_by, find rfind, split rsplit, splitn rsplitn, strip_prefix strip_suffix,
saturating_add saturating_sub, wrapping_add wrapping_sub, checked_add checked_sub, is_empty is_some, sum product,
union intersection, insert remove, position rposition, floor trunc, is_alphabetic is_alphanumeric, chars bytes,
keys values, leading_zeros trailing_zeros, and or, and_then or_else, lt gt, le ge, eq ne, Less Greater, MAX MIN,
rotate_left rotate_right, sin cos, iter_max iter_min, step_by skip, count_ones count_zeros, is_lt is_gt, fold rfold
"""
_NAMES: Final = {
    one: sorted({other for pair in _PAIRS.split(",") if one in pair.split() for other in pair.split()} - {one})
    for one in _PAIRS.replace(",", " ").split()
}
_ADAPTERS: Final = {
    "rev()": r"\b(iter|into_iter|chars|bytes|iter_mut|char_indices|enumerate)\(\)$",
    "skip(1)": r"\b(iter|into_iter|chars|bytes|lines)\(\)$",
    "abs()": r"\b\w*(sub|diff|delta|distance|offset)\w*\([^()]*\)$",
    "trim()": r"\b\w*(next|unwrap|string|str|line|text|input|word)\(\)$",
    "to_lowercase()": r"\b\w*(to_string|str|line|text|input|word|name|key)\(\)$",
}
"""Calls that are easily forgotten, with what stands before them."""
_OVERFLOWING: Final = {"+": "wrapping_add", "-": "wrapping_sub", "*": "wrapping_mul"}
_TEXT_LIKENESS: Final = 0.6
_INTEGER: Final = re.compile(r"(\d[\d_]*)((?:[iu](?:8|16|32|64|128|size))?)$")
_ORDERED: Final = frozenset({"-", "/", "%", "<<", ">>"})
_HEADS: Final = frozenset({"if_expression", "while_expression"})


class Slip(NamedTuple):
    """The bytes from `start` to `end` become `text`; how likely it is the one that was made, what it does in words, and
    the kind of node that is changed."""

    start: int
    end: int
    text: str
    chance: float
    reason: str
    kind: str


def slips_in(function: Node, wanted: Sequence[str] = ()) -> Iterator[Slip]:
    """What may be changed in a function, in the order of its text. `wanted` are texts that were expected of it."""
    body = function.child_by_field_name("body")
    if body is None:
        return
    names = _locals(function)
    for node in _nodes(body):
        for edit, chance, reason in _of_node(node, names, wanted):
            yield Slip(*edit, chance, reason, node.type)


def _nodes(top: Node) -> Iterator[Node]:
    stack = [top]
    while stack:
        node = stack.pop()
        yield node
        inner = node.type not in ("attribute_item", "function_item", "line_comment", "block_comment") or node is top
        stack.extend(reversed(node.children) if inner else ())


_Edit = tuple[int, int, str]
_Found = Iterator[tuple[_Edit, float, str]]


def _of_node(node: Node, names: Sequence[str], wanted: Sequence[str]) -> _Found:
    kind = node.type
    if kind in ("binary_expression", "compound_assignment_expr", "range_expression"):
        yield from _operator(node)
    elif kind in ("integer_literal", "boolean_literal", "string_literal"):
        yield from _literal(node, wanted)
    elif kind in _HEADS:
        yield from _condition(node)
    elif kind == "unary_expression" and node.children[0].type in ("!", "-"):
        inner = node.children[-1]
        yield _all(node, _text(inner)), 0.3, f"leave out the `{node.children[0].type}`"
    elif kind == "arguments":
        yield from _arguments(node)
    elif kind == "identifier":
        yield from _name(node, names)
    elif kind == "field_identifier" and (called := _NAMES.get(_text(node))):
        for other in called:
            yield _all(node, other), 0.3, f"call `{other}` for `{_text(node)}`"
    elif kind == "call_expression":
        yield from _adapters(node)
    elif kind in ("break_expression", "continue_expression") and len(node.children) == 1:
        other = "continue" if kind == "break_expression" else "break"
        yield _all(node, other), 0.25, f"`{other}` is meant"


def _operator(node: Node) -> _Found:
    sign = next((child for child in node.children if child.type in _OPERATORS), None)
    if sign is None:
        return
    for other, chance in _OPERATORS[sign.type]:
        yield _all(sign, other), chance, f"write `{other}` for `{sign.type}`"
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if node.type == "binary_expression" and left is not None and right is not None:
        if sign.type in _ORDERED:
            yield _exchanged(node, left, right), 0.2, f"exchange what stands beside `{sign.type}`"
        if sign.type in ("+", "-") and right.type == "integer_literal":
            yield _all(node, _text(left)), 0.3, f"leave out `{sign.type} {_text(right)}`"
        if sign.type in _OVERFLOWING:
            method = _OVERFLOWING[sign.type]
            yield _all(node, f"{_whole(left)}.{method}({_text(right)})"), 0.04, f"calculate with `{method}`"
    if sign.type in ("&&", "||"):
        for side in (left, right):
            if side is not None and side.type in ("call_expression", "identifier", "field_expression"):
                yield _at(side.start_byte, "!"), 0.25, f"ask for the contrary of `{_text(side)}`"
    if sign.type in ("..", "..=", "<", "<=", ">", ">=", "=="):
        for side in (left, right) if left is not None else node.named_children:
            if side is not None and side.type in ("identifier", "field_expression", "call_expression"):
                for more in (" - 1", " + 1"):
                    yield _at(side.end_byte, more), 0.12, f"write `{_text(side)}{more}`"


def _literal(node: Node, wanted: Sequence[str]) -> _Found:
    text = _text(node)
    if node.type == "boolean_literal":
        other = "false" if text == "true" else "true"
        yield _all(node, other), 0.4, f"write `{other}` for `{text}`"
    elif node.type == "integer_literal" and (found := _INTEGER.match(text)):
        value = int(found[1].replace("_", ""))
        for near in (value + 1, value - 1) if value else (1,):
            if near == 0 and node.parent is not None and node.parent.type == "binary_expression" and _adds(node.parent):
                continue  # Who adds nothing should not add.
            yield _all(node, f"{near}{found[2]}"), 0.3, f"write `{near}` for `{text}`"
    elif node.type == "string_literal" and len(text) > 2:
        for other in wanted:
            likeness = SequenceMatcher(None, text[1:-1], other, autojunk=False).ratio()
            if _TEXT_LIKENESS <= likeness < 1 and "{" not in text:
                yield _all(node, f'"{other}"'), 0.5 * likeness, "write the text that the test expects"


def _adds(node: Node) -> bool:
    return any(child.type in ("+", "-") for child in node.children)


def _condition(node: Node) -> _Found:
    condition = node.child_by_field_name("condition")
    if condition is not None and condition.type not in ("let_condition", "let_chain", "unary_expression"):
        if condition.type == "binary_expression":
            return
        yield _all(condition, f"!{_whole(condition)}"), 0.3, "ask for the contrary"


def _arguments(node: Node) -> _Found:
    given = [one for one in node.named_children if one.type not in ("line_comment", "block_comment")]
    for one, other in pairwise(given):
        yield _exchanged(node, one, other), 0.2, "exchange two arguments"


def _name(node: Node, names: Sequence[str]) -> _Found:
    text = _text(node)
    parent = node.parent
    if parent is None or parent.type == "scoped_identifier":
        for other in _NAMES.get(text, ()) if text[:1].isupper() else ():
            yield _all(node, other), 0.3, f"`{other}` is meant, not `{text}`"
        return
    if text not in names or parent.type in ("let_declaration", "parameter", "closure_parameters", "for_expression"):
        return
    for other in names:
        if other != text:
            yield _all(node, other), 0.05, f"`{other}` is meant, not `{text}`"


def _adapters(node: Node) -> _Found:
    text = _text(node)
    for call, behind in _ADAPTERS.items():
        if len(text) < 80 and re.search(behind, text):
            yield _at(node.end_byte, f".{call}"), 0.06, f"call `{call.partition('(')[0]}`"


def _locals(function: Node) -> list[str]:
    """The names that are bound in a function, in their order."""
    found: dict[str, None] = {}
    for node in _walk(function, "parameter", "let_declaration", "for_expression", "closure_parameters"):
        pattern = node if node.type == "closure_parameters" else node.child_by_field_name("pattern")
        if pattern is not None:
            found.update(dict.fromkeys(_text(one) for one in _walk(pattern, "identifier")))
    return [name for name in found if name not in ("self", "_") and not name[:1].isupper()]


def _whole(node: Node) -> str:
    """The text of an expression, in parentheses where what comes beside it would bind tighter."""
    simple = ("identifier", "call_expression", "field_expression", "index_expression", "integer_literal", "self")
    text = _text(node)
    return text if node.type in (*simple, "parenthesized_expression", "macro_invocation") else f"({text})"


def _all(node: Node, text: str) -> _Edit:
    return node.start_byte, node.end_byte, text


def _at(place: int, text: str) -> _Edit:
    return place, place, text


def _exchanged(parent: Node, one: Node, other: Node) -> _Edit:
    between = (parent.text or b"")[one.end_byte - parent.start_byte : other.start_byte - parent.start_byte]
    return one.start_byte, other.end_byte, f"{_text(other)}{between.decode('utf-8', 'replace')}{_text(one)}"


def _walk(top: Node, *kinds: str) -> Iterator[Node]:
    """Every node of these kinds, in the order of the text."""
    stack = [top]
    while stack:
        node = stack.pop()
        if node.type in kinds:
            yield node
        stack.extend(reversed(node.children))


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
