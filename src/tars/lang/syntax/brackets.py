"""Reads what stands in brackets: tuples, objects, `for` expressions and the arguments of calls."""

from collections.abc import Callable
from re import Match
from typing import Final, TypeAlias

from tars.lang.syntax.faults import FaultError, Source, describe, unclosed
from tars.lang.syntax.tokens import (
    END,
    HEREDOC,
    MARK,
    NAME,
    NEWLINE,
    NUMBER,
    PLAIN_LIST,
    PLAIN_STRING,
    QUOTE,
    SCAN,
    SCAN_WIDE,
    STRING,
    Scan,
    is_name,
    plain,
)
from tars.lang.syntax.tree import Expression, For, GetAttribute, Index, Item, Literal, Object, Tuple

Read: TypeAlias = Callable[[Source, int, Scan, int], Expression]
"""Reads an expression: given here as a parameter, because expressions and brackets contain each other."""

_BEGINS_VALUE: Final = frozenset({NAME, STRING, NUMBER, HEREDOC, QUOTE})


def sequence(source: Source, opener: int, depth: int, read: Read) -> Expression:
    """`[…]` at `opener`: a tuple or a `for` expression."""
    if usual := PLAIN_LIST(source.text, opener):
        spans = [match.span() for match in PLAIN_STRING(source.text, opener, usual.end())]
        literals = tuple([Literal(start, end, plain(source.text[start + 1 : end - 1])) for start, end in spans])
        return Tuple(opener, usual.end(), literals)
    first = _scan_wide(source, opener + 1)
    if first[NAME] == "for":
        return _for(source, opener, "]", first.end(), depth, read)
    items, _, end = _listed(source, opener, "]", depth, read, expandable=False)
    return Tuple(opener, end, items)


def arguments(source: Source, opener: int, depth: int, read: Read) -> tuple[tuple[Expression, ...], bool, int]:
    """`(…)` at `opener`: the arguments, whether the last one is expanded by `...`, and where the call ends."""
    return _listed(source, opener, ")", depth, read, expandable=True)


def _listed(
    source: Source, opener: int, closer: str, depth: int, read: Read, *, expandable: bool
) -> tuple[tuple[Expression, ...], bool, int]:
    items: list[Expression] = []
    token = _scan_wide(source, opener + 1)
    while token[MARK] != closer:
        if token.lastindex == END or (token[MARK] or "x") in ")]}" or _begins_statement(source, token):
            raise unclosed(source, opener, closer, items[-1][1] if items else opener + 1, token)
        item = read(source, token.start(token.lastindex or 0), SCAN_WIDE, depth)
        items.append(item)
        token = _scan_wide(source, item[1])
        if token[MARK] == ",":
            token = _scan_wide(source, token.end())
        elif token[MARK] == "..." and expandable:
            last = _scan_wide(source, token.end())
            if last[MARK] != closer:
                raise unclosed(source, opener, closer, token.end(), last)
            return tuple(items), True, last.end()
        elif token[MARK] != closer:
            _missing_comma(source, opener, closer, item[1], token)
    return tuple(items), False, token.end()


def _missing_comma(source: Source, opener: int, closer: str, previous: int, token: Match[str]) -> None:
    """Report a comma that was forgotten between two values; raise when it is something else that is wrong."""
    if token.lastindex not in _BEGINS_VALUE or _begins_statement(source, token):
        raise unclosed(source, opener, closer, previous, token)
    start = token.start(token.lastindex or 0)
    fix = ((previous, previous, ","),)
    fault = FaultError(
        "T0020", "there is no comma between these values", previous, start, "separate them by `,`", fix=fix
    )
    source.report(fault)


def _begins_statement(source: Source, token: Match[str]) -> bool:
    """Whether the token begins a line that reads as a statement: then the bracket before it was not closed."""
    if token.lastindex != NAME:
        return False
    text = source.text
    start, end = token.span(NAME)
    if text[text.rfind("\n", 0, start) + 1 : start].strip():
        return False
    following = SCAN(text, end)
    while following is not None and following.lastindex in {NAME, STRING}:
        following = SCAN(text, following.end())
    return following is not None and following[MARK] in {"=", "{"}


def mapping(source: Source, opener: int, depth: int, read: Read) -> Expression:
    """`{…}` at `opener`: an object or a `for` expression. Items end with a comma or with their line."""
    first = _scan_wide(source, opener + 1)
    if first[NAME] == "for":
        return _for(source, opener, "}", first.end(), depth, read)
    items: list[Item] = []
    text = source.text
    token = first
    while token[MARK] != "}":
        if token.lastindex == END or (token[MARK] or "x") in ")]":
            raise unclosed(source, opener, "}", items[-1][1] if items else opener + 1, token)
        item = _item(source, opener, token, depth, read)
        items.append(item)
        following = SCAN(text, item[1])
        assert following is not None
        if following[MARK] == ",":
            token = _scan_wide(source, following.end())
        elif following.lastindex == NEWLINE or following[MARK] == "}":
            token = _scan_wide(source, item[1])
        else:
            token = following
            _missing_comma(source, opener, "}", item[1], following)
    return Object(opener, token.end(), tuple(items))


def _item(source: Source, opener: int, token: Match[str], depth: int, read: Read) -> Item:
    text = source.text
    start = token.start(token.lastindex or 0)
    key: Expression
    following = SCAN(text, token.end())
    assert following is not None
    if token.lastindex == NAME and following[MARK] in {"=", ":"} and is_name(token[NAME]):
        key = Literal(start, token.end(), token[NAME])
    else:
        key = read(source, start, SCAN, depth)
        if isinstance(key, GetAttribute | Index):
            word = text[start : key[1]]
            fix = ((start, key[1], f"({word})"),)
            hint = "put it in parentheses to use its value, or in quotes to use it as text"
            source.report(FaultError("T0021", "a key that is a reference is ambiguous", start, key[1], hint, fix=fix))
        following = SCAN(text, key[1])
        assert following is not None
    if following[MARK] not in {"=", ":"}:
        if following.lastindex == END:
            raise unclosed(source, opener, "}", key[1], following)
        found = describe(text, *following.span(following.lastindex or 0))
        message = f"expected `=` and a value after this key, found {found}"
        raise FaultError(
            "T0021", message, start, key[1], "an object's items are `key = value`, one a line or with commas"
        )
    value = read(source, following.end(), SCAN, depth)
    return Item(start, value[1], key, value)


def _for(source: Source, opener: int, closer: str, at: int, depth: int, read: Read) -> For:
    """What follows the `for` that ends at `at`, up to the closing bracket."""
    names, token = for_names(source, at)
    collection = read(source, token.end(), SCAN_WIDE, depth)
    colon = _scan_wide(source, collection[1])
    if colon[MARK] != ":":
        raise _bad_for(source, "`:` after the collection", collection[1], colon)
    result = read(source, colon.end(), SCAN_WIDE, depth)
    token = _scan_wide(source, result[1])
    result_key: Expression | None = None
    group = False
    if closer == "}":
        if token[MARK] != "=>":
            raise _bad_for(source, "`=>` and the value of each item", result[1], token)
        result_key = result
        result = read(source, token.end(), SCAN_WIDE, depth)
        token = _scan_wide(source, result[1])
        if token[MARK] == "...":
            group = True
            token = _scan_wide(source, token.end())
    condition: Expression | None = None
    if token[NAME] == "if":
        condition = read(source, token.end(), SCAN_WIDE, depth)
        token = _scan_wide(source, condition[1])
    if token[MARK] != closer:
        raise unclosed(source, opener, closer, (condition or result)[1], token)
    return For(opener, token.end(), *names, collection, result_key, result, condition, group)


def for_names(source: Source, at: int) -> tuple[tuple[str, str], Match[str]]:
    """`key, value in` or `value in` after a `for`: both names (the key's may be empty) and the token `in`."""
    first = _scan_wide(source, at)
    if first.lastindex != NAME or not is_name(first[NAME]):
        raise _bad_for(source, "a name", at, first)
    key, value = "", first[NAME]
    token = _scan_wide(source, first.end())
    if token[MARK] == ",":
        second = _scan_wide(source, token.end())
        if second.lastindex != NAME or not is_name(second[NAME]):
            raise _bad_for(source, "a second name", token.end(), second)
        key, value = value, second[NAME]
        first = second
        token = _scan_wide(source, second.end())
    if token[NAME] != "in":
        raise _bad_for(source, "`in`", first.end(), token)
    return (key, value), token


def _bad_for(source: Source, expected: str, at: int, token: Match[str]) -> FaultError:
    found = describe(source.text, *token.span(token.lastindex or 0))
    hint = "write `[for x in list : value if condition]` or `{for k, v in map : key => value}`; quote a key named `for`"
    return FaultError("T0019", f"expected {expected} in this `for` expression, found {found}", at, at, hint)


def _scan_wide(source: Source, at: int) -> Match[str]:
    token = SCAN_WIDE(source.text, at)
    assert token is not None
    return token
