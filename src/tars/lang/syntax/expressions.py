"""Reads one expression by recursive descent.

Every reader takes the source, the place to read at, the scanner that says whether a newline ends the expression, and
how deep it is nested; it returns the node (whose `end` is where to go on) or raises `FaultError`.
"""

import re
from math import isinf
from typing import Final

from tars.lang.syntax.brackets import arguments, mapping, sequence
from tars.lang.syntax.faults import FaultError, Source, describe, unclosed
from tars.lang.syntax.height import HEIGHT_MAX, height_fault
from tars.lang.syntax.numbers import spelt
from tars.lang.syntax.templates import heredoc, quoted
from tars.lang.syntax.tokens import (
    HEREDOC,
    MARK,
    NAME,
    NUMBER,
    OPERATOR,
    QUOTE,
    SCAN,
    SCAN_WIDE,
    STRING,
    Scan,
    is_name,
    plain,
)
from tars.lang.syntax.tree import (
    Binary,
    Call,
    Conditional,
    Expression,
    GetAttribute,
    Index,
    Literal,
    Name,
    Parenthesis,
    Splat,
    SplatItem,
    Unary,
)

DEPTH_MAX: Final = 100
"""Brackets, templates and conditionals within each other. Terraform's own modules stay below 20."""

PRECEDENCE: Final = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, ">": 4, ">=": 4, "<": 4, "<=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip

_WORDS: Final = {"true": True, "false": False, "null": None}
_DIGITS_MAX: Final = 1000
_MEMBER: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*+)(?![^\x00-\x7f])").match
"""`.name` in its usual spelling; others are left to `_member`."""


def expression(source: Source, at: int, scan: Scan, depth: int) -> Expression:
    """An expression with all its operators, the conditional included."""
    first = _operand(source, at, scan, depth)
    text = source.text
    following = text[first[1] : first[1] + 1]
    if following == "," or (following == "\n" and scan is SCAN):
        return first
    token = scan(text, first[1])
    assert token is not None
    kind = token.lastindex
    if kind == OPERATOR:
        first = _binary(source, first, 1, scan, depth)
        token = scan(text, first[1])
        assert token is not None
        kind = token.lastindex
    if kind == MARK and token[MARK] == "?":
        return _conditional(source, first, token.end(), scan, depth)
    return first


def _conditional(source: Source, condition: Expression, at: int, scan: Scan, depth: int) -> Expression:
    text = source.text
    source.weight += 1
    if depth >= DEPTH_MAX:
        raise too_deep(at - 1)
    then = expression(source, at, scan, depth + 1)
    colon = scan(text, then[1])
    assert colon is not None
    if colon[MARK] != ":":
        start, end = colon.span(colon.lastindex or 0)
        message = f"expected `:` and the other value of the conditional, found {describe(text, start, end)}"
        related = ((at - 1, at, "the conditional's `?`"),)
        raise FaultError("T0028", message, then[1], then[1], "write `condition ? value : other`", related=related)
    otherwise = expression(source, colon.end(), scan, depth + 1)
    return Conditional(condition[0], otherwise[1], condition, then, otherwise)


def _binary(source: Source, left: Expression, level: int, scan: Scan, depth: int) -> Expression:
    """`left` and every operator after it that binds at least as tight as `level`."""
    text = source.text
    height = 0
    while True:
        token = scan(text, left[1])
        assert token is not None
        if token.lastindex != OPERATOR:
            return left
        precedence = PRECEDENCE.get(token[OPERATOR], 0)
        if precedence < level:
            return left
        right = _operand(source, token.end(), scan, depth)
        following = scan(text, right[1])
        assert following is not None
        if following.lastindex == OPERATOR:
            right = _binary(source, right, precedence + 1, scan, depth)
        source.weight += 1
        height = _higher(height, left)
        left = Binary(left[0], right[1], token[OPERATOR], left, right)


def _operand(source: Source, at: int, scan: Scan, depth: int) -> Expression:
    """A term with the signs before it and all that follows it: `.name`, `[index]`, splats."""
    text = source.text
    token = scan(text, at)
    assert token is not None
    kind = token.lastindex
    signs: list[int] = []
    while (kind == OPERATOR and token[OPERATOR] == "-") or (kind == MARK and token[MARK] == "!"):
        signs.append(token.start(kind))
        if len(signs) > HEIGHT_MAX:
            raise height_fault(signs[0], token.end())
        token = scan(text, token.end())
        assert token is not None
        kind = token.lastindex
    end = token.end()
    node: Expression
    if kind == STRING:
        start = token.start(STRING)
        node = Literal(start, end, plain(text[start + 1 : end - 1]))
    elif kind == NUMBER:
        node = number(source, token.start(NUMBER), end)
    elif kind == NAME:
        node = _named(source, token.start(NAME), end, scan, depth)
    elif kind == QUOTE:
        _enter(token.start(QUOTE), depth)
        node = quoted(source, token.start(QUOTE), depth + 1, expression)
    elif kind == HEREDOC:
        _enter(token.start(HEREDOC), depth)
        node = heredoc(source, token.start(HEREDOC), end, depth + 1, expression)
    elif kind == MARK and token[MARK] in "([{":
        node = _opened(source, token.start(MARK), token[MARK], depth)
    else:
        raise _no_value(source, at, token.start(kind or 0), end, after_sign=bool(signs))
    end = node[1]
    following = text[end : end + 1]
    if following and following in ".[ \t\r\n/#" and (following != "\n" or scan is not SCAN):
        node = _postfix(source, node, scan, depth)
    for start in reversed(signs):
        source.weight += 1
        node = Unary(start, node[1], text[start], node)
    return node


def number(source: Source, start: int, end: int) -> Literal:
    """A number: an `int` when written without fraction and exponent or too large for a `float` to hold exactly."""
    text = source.text
    word = text[start:end]
    following = text[end : end + 1]
    if following and (following.isalnum() or following == "_"):
        tail = end
        while tail < len(text) and (text[tail].isalnum() or text[tail] == "_"):
            tail += 1
        hint = "write it in decimal digits without separators, such as `1000` or `1.5e3`; quote it if it is text"
        raise FaultError("T0027", f"`{text[start:tail][:40]}` is not a number", start, tail, hint)
    if end - start > _DIGITS_MAX:
        raise FaultError("T0027", f"this number has more than {_DIGITS_MAX} digits", start, end, "write fewer digits")
    value = spelt(word)
    if isinstance(value, float) and isinf(value):
        raise FaultError("T0027", f"the number {word} is too large", start, end, "the largest is about 1.8e308")
    return Literal(start, end, value)


def _named(source: Source, start: int, end: int, scan: Scan, depth: int) -> Expression:
    """A word: `true`, a reference's first name, or a function call, whose name may have namespaces (`a::b`)."""
    text = source.text
    name = text[start:end]
    if not name.isascii() and not is_name(name):
        raise not_a_name(source, start, end)
    following = text[end : end + 1]
    if following and following in "( \t:\r\n/":
        token = scan(text, end)
        assert token is not None
        mark = token[MARK]
        while mark == "::":
            part = scan(text, token.end())
            assert part is not None
            if part.lastindex != NAME:
                message = (
                    f"expected a function's name after `::`, found {describe(text, *part.span(part.lastindex or 0))}"
                )
                raise FaultError("T0012", message, token.start(MARK), token.end(), "write `namespace::function(…)`")
            name = f"{name}::{part[NAME]}"
            end = part.end()
            token = scan(text, part.end())
            assert token is not None
            mark = token[MARK]
        if mark == "(":
            _enter(token.start(MARK), depth)
            source.weight += 1
            items, expand, end = arguments(source, token.start(MARK), depth + 1, expression)
            return Call(start, end, name, items, expand)
        if "::" in name:
            hint = f"call it: `{name}(…)`"
            raise FaultError("T0012", f"`{name}` names a function, which must be called", start, end, hint)
    if name in _WORDS:
        return Literal(start, end, _WORDS[name])
    return Name(start, end, name)


def not_a_name(source: Source, start: int, end: int) -> FaultError:
    """The error for a run of letters that holds characters which no name may have."""
    text = source.text
    bad = start
    while bad < end and is_name(text[start : bad + 1]):
        bad += 1
    return _bad_character(source, bad)


def _opened(source: Source, start: int, opener: str, depth: int) -> Expression:
    _enter(start, depth)
    source.weight += 1
    if opener == "[":
        return sequence(source, start, depth + 1, expression)
    if opener == "{":
        return mapping(source, start, depth + 1, expression)
    inner = expression(source, start + 1, SCAN_WIDE, depth + 1)
    closer = SCAN_WIDE(source.text, inner[1])
    assert closer is not None
    if closer[MARK] != ")":
        raise unclosed(source, start, ")", inner[1], closer)
    return Parenthesis(start, closer.end(), inner)


def _postfix(source: Source, node: Expression, scan: Scan, depth: int) -> Expression:
    text = source.text
    height = 0
    while True:
        member = _MEMBER(text, node[1])
        while member is not None:
            height += 1
            if height > HEIGHT_MAX:
                raise height_fault(node[0], node[1])
            start, end = member.span(1)
            node = GetAttribute(node[0], end, node, member[1], start)
            source.weight += 1
            member = _MEMBER(text, end)
        token = scan(text, node[1])
        assert token is not None
        mark = token[MARK]
        if mark == ".":
            following = scan(text, token.end())
            assert following is not None
            if following[OPERATOR] == "*":
                node = _attribute_splat(source, node, following.end(), scan)
            else:
                node = _member(source, node, token.start(MARK), scan)
        elif mark == "[":
            node = _indexed(source, node, token.start(MARK), scan, depth)
        else:
            return node
        source.weight += 1
        height = _higher(height, node)


def _higher(height: int, node: Expression) -> int:
    """One more than the height, while that is not too high: the rest of a row of a million operators is not read."""
    if height >= HEIGHT_MAX:
        raise height_fault(node[0], node[1])
    return height + 1


def _member(source: Source, node: Expression, dot: int, scan: Scan) -> Expression:
    """`node.name`, or the legacy `node.0`."""
    text = source.text
    token = scan(text, dot + 1)
    assert token is not None
    start, end = token.span(token.lastindex or 0)
    if token.lastindex == NAME:
        name = text[start:end]
        if not name.isascii() and not is_name(name):
            raise not_a_name(source, start, end)
        return GetAttribute(node[0], end, node, name, start)
    if token.lastindex == NUMBER:
        if not text[start:end].isdecimal() or end - start > _DIGITS_MAX:
            hint = "write the indices in brackets, such as `list[0][1]`"
            raise FaultError("T0027", f"`{text[start:end][:40]}` is read as one number here", start, end, hint)
        return Index(node[0], end, node, Literal(start, end, int(text[start:end])))
    message = f"expected an attribute's name after `.`, found {describe(text, start, end)}"
    raise FaultError("T0012", message, dot, dot + 1, "name the attribute, such as `.output`, or remove the dot")


def _attribute_splat(source: Source, node: Expression, star: int, scan: Scan) -> Expression:
    text = source.text
    each: Expression = SplatItem(star, star)
    height = 0
    while True:
        token = scan(text, each[1])
        assert token is not None
        if token[MARK] != ".":
            return Splat(node[0], each[1], node, False, each)
        following = scan(text, token.end())
        assert following is not None
        if following[OPERATOR] == "*":
            hint = "use `[*]` for both, such as `a[*].b[*].c`"
            raise FaultError("T0012", "a `.*` cannot follow another `.*`", token.start(MARK), following.end(), hint)
        each = _member(source, each, token.start(MARK), scan)
        source.weight += 1
        height = _higher(height, each)


def _indexed(source: Source, node: Expression, bracket: int, scan: Scan, depth: int) -> Expression:
    """`node[key]` or the splat `node[*]`, which takes in all that follows it."""
    text = source.text
    _enter(bracket, depth)
    first = SCAN_WIDE(text, bracket + 1)
    assert first is not None
    if first[OPERATOR] == "*":
        closer = SCAN_WIDE(text, first.end())
        assert closer is not None
        if closer[MARK] != "]":
            raise unclosed(source, bracket, "]", first.end(), closer)
        each = _postfix(source, SplatItem(closer.end(), closer.end()), scan, depth + 1)
        return Splat(node[0], each[1], node, True, each)
    key = expression(source, bracket + 1, SCAN_WIDE, depth + 1)
    closer = SCAN_WIDE(text, key[1])
    assert closer is not None
    if closer[MARK] != "]":
        raise unclosed(source, bracket, "]", key[1], closer)
    return Index(node[0], closer.end(), node, key)


def _enter(at: int, depth: int) -> None:
    if depth >= DEPTH_MAX:
        raise too_deep(at)


def too_deep(at: int) -> FaultError:
    """The error for an expression whose tree would be too high for those who walk it."""
    hint = "name a part of it in a `locals` block and refer to that"
    return FaultError("T0022", f"this is nested more than {DEPTH_MAX} levels deep", at, at + 1, hint)


def single_quotes(text: str, start: int) -> FaultError:
    """The error for a text in single quotes, which begins at `start`; it ends where the text does, on its line."""
    stop = text.find("'", start + 1)
    line_end = text.find("\n", start)
    closed = stop != -1 and (line_end == -1 or stop < line_end)
    stop = stop + 1 if closed else start + 1
    inside = text[start + 1 : stop - 1]
    fix = ((start, stop, f'"{inside}"'),) if closed and not set(inside) & set('"\\$%') else ()
    return FaultError("T0008", "strings are written in double quotes", start, stop, "use `\"` for `'`", fix=fix)


def _no_value(source: Source, at: int, start: int, end: int, *, after_sign: bool) -> FaultError:
    """The error where a value should begin and `text[start:end]` stands instead."""
    text = source.text
    token = text[start:end]
    if token == "'":
        return single_quotes(text, start)
    if token == "/*":
        return FaultError("T0016", "this comment is never closed", start, end, "close it with `*/`")
    if token == "<" and text.startswith("<<", start):
        hint = "a heredoc is `<<MARKER`, a newline, the lines, and `MARKER` alone on the last line"
        return FaultError("T0015", "`<<` must be followed by a marker and the end of the line", start, start + 2, hint)
    if len(token) == 1 and not token.isspace() and token not in "#/.,:=()[]{}?!~+-*%<>":
        return _bad_character(source, start)
    message = f"expected a value, found {describe(text, start, end)}"
    if text[start:end] in {"", "\n"} or text[start : start + 1] in "#/":
        return FaultError("T0006", "the value is missing", at, at, "write a value here")
    hint = "an operator needs a value on both sides" if after_sign or token in PRECEDENCE else "write a value here"
    return FaultError("T0012", message, start, end, hint)


_HINTS: Final = {
    ";": "statements end with the line: remove it, or begin a new line",
    "`": "strings are written in double quotes",
    "“": 'use the straight quote `"`',
    "”": 'use the straight quote `"`',
    "‘": 'use the straight quote `"`',
    "’": 'use the straight quote `"`',
    "&": "the logical operator is `&&`",
    "|": "the logical operator is `||`",
    "\u00a0": "this is a non-breaking space: use an ordinary one",
}


def _bad_character(source: Source, at: int) -> FaultError:
    text = source.text
    message = f"{describe(text, at, at + 1)} does not belong here"
    hint = _HINTS.get(text[at : at + 1], "remove it, or quote it if it is part of a text")
    return FaultError("T0013", message, at, at + 1, hint)
