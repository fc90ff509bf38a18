"""Reads how a statement begins: `name =`, or a block's type and labels up to its `{`; and says what is missing."""

import re
from re import Match
from typing import Literal as Choice
from typing import NamedTuple

from tars.lang.syntax.expressions import expression, not_a_name, single_quotes
from tars.lang.syntax.faults import FaultError, Source, describe
from tars.lang.syntax.recover import column_at, next_line
from tars.lang.syntax.templates import quoted
from tars.lang.syntax.tokens import (
    END,
    HEREDOC,
    MARK,
    NAME,
    NEWLINE,
    NUMBER,
    OPERATOR,
    QUOTE,
    SCAN,
    STRING,
    is_name,
    plain,
)
from tars.lang.syntax.tree import Label, Literal


class Header(NamedTuple):
    """The beginning of a statement. `at` is where its value or its body begins, or, of `nothing`, where to go on."""

    kind: Choice["attribute", "block", "nothing"]
    start: int
    type: str
    labels: tuple[Label, ...]
    header_end: int
    at: int
    fault: FaultError | None = None


def header(source: Source, start: int) -> Header:
    """The beginning of the statement whose first word is at `start`. Raises `FaultError` when it cannot be guessed."""
    text = source.text
    word = SCAN(text, start)
    assert word is not None
    name, end = word[NAME], word.end()
    if not name.isascii() and not is_name(name):
        raise not_a_name(source, start, end)
    token = _scan(text, end)
    kind = token.lastindex
    mark = token[MARK]
    if mark == "=":
        return Header("attribute", start, name, (), end, token.end())
    if mark == ":":
        place = token.start(MARK)
        fix = ((place, place + 1, "="),)
        fault = FaultError("T0005", "an attribute is set with `=`, not `:`", place, place + 1, "use `=`", fix=fix)
        return Header("attribute", start, name, (), end, token.end(), fault)
    if token[OPERATOR] == "==" or mark == "=>":
        place = token.start(kind or 0)
        fix = ((place, place + 2, "="),)
        fault = FaultError(
            "T0012",
            f"an attribute is set with `=`, not `{text[place : token.end()]}`",
            place,
            place + 2,
            "use `=`",
            fix=fix,
        )
        return Header("attribute", start, name, (), end, token.end(), fault)
    if kind in {NUMBER, HEREDOC} or (mark is not None and mark in "[(!") or token[OPERATOR] == "-":
        return _missing_equals(text, start, name, end, token)
    labels, end, token = _labels(source, end, token)
    if token[MARK] == "{":
        return Header("block", start, name, labels, end, token.end())
    return _without_brace(source, start, name, labels, end, token)


def _labels(source: Source, end: int, token: Match[str]) -> tuple[tuple[Label, ...], int, Match[str]]:
    """The labels from `token` on, where they end, and the token after them."""
    text = source.text
    labels: list[Label] = []
    while True:
        kind = token.lastindex
        if kind == NAME and is_name(token[NAME]):
            label = Label(token.start(NAME), token.end(), token[NAME])
        elif kind == STRING:
            label = Label(token.start(STRING), token.end(), plain(token[STRING][1:-1]))
        elif kind == QUOTE:
            label = _odd_label(source, token.start(QUOTE))
        elif kind is not None and token[kind] == "'":
            fault = single_quotes(text, token.start(kind))
            if fault.end - fault.start < 2:
                raise fault
            source.report(fault)
            label = Label(fault.start, fault.end, text[fault.start + 1 : fault.end - 1])
        else:
            return tuple(labels), end, token
        labels.append(label)
        end = label.end
        token = _scan(text, end)


def _odd_label(source: Source, start: int) -> Label:
    """A quoted label with escapes; one with a template in it, or that is never closed, is reported and kept as text."""
    text = source.text
    try:
        node = quoted(source, start, 1, expression)
    except FaultError as fault:
        line_end = text.find("\n", start)
        line = text[start : line_end if line_end != -1 else len(text)].rstrip()
        if fault.code != "T0007" or not line.endswith("{"):
            raise
        inside = line[:-1].rstrip()
        end = start + len(inside)
        hint = 'end it with `"`'
        source.report(FaultError("T0007", "this label is never closed", start, end, hint, fix=((end, end, '"'),)))
        return Label(start, end, inside[1:])
    if isinstance(node, Literal) and isinstance(node.value, str):
        return Label(start, node.end, node.value)
    hint = "write the label's text itself; a plain `${` is written `$${`"
    source.report(FaultError("T0029", "a label cannot hold a template", start, node[1], hint))
    return Label(start, node[1], re.sub(r"\W", "_", text[start + 1 : node[1] - 1]))


def _missing_equals(text: str, start: int, name: str, end: int, value: Match[str]) -> Header:
    place = value.start(value.lastindex or 0)
    fault = FaultError(
        "T0004", f"`=` is missing between `{name}` and its value", end, place, "write `=` here", fix=((end, end, " ="),)
    )
    return Header("attribute", start, name, (), end, place, fault)


def _without_brace(
    source: Source, start: int, name: str, labels: tuple[Label, ...], end: int, token: Match[str]
) -> Header:
    """A type and labels without a `{`: told apart by what stands below."""
    text = source.text
    if token.lastindex not in {NEWLINE, END}:
        place, stop = token.span(token.lastindex or 0)
        if labels and token[MARK] != "}" and len(labels) == 1:
            return _missing_equals(text, start, name, start + len(name), _scan(text, start + len(name)))
        message = f"expected `=` or `{{` after `{text[start:end]}`, found {describe(text, place, stop)}"
        fault = FaultError("T0010", message, place, stop, 'write `name = value` or `type "label" { … }`')
        if token[MARK] == "}":
            return Header("nothing", start, name, labels, end, place, fault)
        raise fault
    below = next_line(text, end)
    if text.startswith("{", below):
        fix = ((end, below, " "),)
        fault = FaultError(
            "T0009", "the `{` must be on the block's first line", below, below + 1, "move it up", fix=fix
        )
        return Header("block", start, name, labels, end, below + 1, fault)
    if below < len(text) and column_at(text, below) > column_at(text, start):
        fault = FaultError(
            "T0009", f"`{{` is missing after `{text[start:end]}`", end, end, "write `{` here", fix=((end, end, " {"),)
        )
        return Header("block", start, name, labels, end, end, fault)
    if len(labels) == 1:
        return _missing_equals(text, start, name, start + len(name), _scan(text, start + len(name)))
    if labels:
        fault = FaultError(
            "T0009", f"`{{` is missing after `{text[start:end]}`", end, end, "write `{` and the block's body"
        )
    else:
        hint = f"write `{name} = value`, or `{name} {{ … }}`"
        fault = FaultError("T0010", f"`{name}` is neither an attribute nor a block yet", start, end, hint)
    return Header("nothing", start, name, labels, end, end, fault)


def _scan(text: str, at: int) -> Match[str]:
    token = SCAN(text, at)
    assert token is not None
    return token
