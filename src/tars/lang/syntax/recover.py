"""Finds, after an error, where the next statement begins, from brackets and indentation; and words such errors."""

import re
from re import Match
from typing import TYPE_CHECKING, Final

from tars.lang.syntax.faults import FaultError, Source, closing_place, describe
from tars.lang.syntax.tokens import (
    END,
    HEREDOC,
    INLINE_COMMENT,
    LINE_COMMENT,
    MARK,
    NAME,
    NEWLINE,
    OPEN_COMMENT,
    OTHER,
    QUOTE,
    SCAN,
)

if TYPE_CHECKING:
    from tars.lang.syntax.headers import Header

_BLANK_LINES: Final = re.compile(rf"(?:[ \t\r\n]+|{LINE_COMMENT}|{INLINE_COMMENT})*+").match
_STATEMENT: Final = re.compile(
    r"""[^\W\d][\w-]*+[ \t]*+(?:=(?![=>])|(?:(?:"[^"\n]*+"|"[^"\n{]*+|[^\W\d][\w-]*+)[ \t]*+)*+
    \{[ \t\r]*+(?:$|\}|[^\W\d][\w-]*+[ \t]*+=(?![=>])))""",
    re.M | re.X,
).match
"""What reads as the beginning of a statement. No part is tried twice: on a line of many words that would never end."""
_UNIMPORTANT: Final = re.compile(r'[^\n"#/<()\[\]{}]*+').match
"""A run of what neither nests nor ends anything; it may be millions of operators, too many to read one by one."""
_QUOTED: Final = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"?').match


def line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end != -1 else len(text)


def column_at(text: str, at: int) -> int:
    """How far the line that holds `at` is indented."""
    start = line_start(text, at)
    end = start
    while end < at and text[end] in " \t\ufeff":
        end += 1
    return end - start


def begins_line(text: str, at: int) -> bool:
    return not text[line_start(text, at) : at].strip(" \t\ufeff")


def next_line(text: str, at: int) -> int:
    """Where the first word after `at` stands, comments and empty lines left out."""
    match = _BLANK_LINES(text, at)
    assert match is not None
    return match.end()


def is_indented(text: str, body_start: int, column: int) -> bool:
    """Whether a block's body stands further right than its header, so that its indentation tells where it ends."""
    first = next_line(text, body_start)
    return first < len(text) and (text[first] == "}" or column_at(text, first) > column)


def closes_later(text: str, at: int, column: int) -> bool:
    """Whether the first line after `at` that is not indented further than `column` is a `}` in just that column."""
    while True:
        line_end = text.find("\n", at)
        if line_end == -1:
            return False
        first = next_line(text, line_end)
        if first == len(text):
            return False
        if column_at(text, first) <= column:
            return text[first] == "}" and column_at(text, first) == column
        at = first


def resume(text: str, start: int, fault_at: int) -> int:
    """Where to go on after an error at `fault_at` in the statement at `start`: at the end of a line.

    The statement ends with its line, or with the line on which its brackets are closed, but before a line that is not
    indented further than it and reads as a statement. Lines after it that read as nothing are skipped with it.
    """
    column = column_at(text, start)
    depth = 0
    at = start
    inner_end = -1
    while True:
        run = _UNIMPORTANT(text, at)
        assert run is not None
        token = SCAN(text, run.end())
        assert token is not None
        kind = token.lastindex
        at = token.end()
        if kind == END:
            return inner_end if depth > 0 and inner_end != -1 else at
        if kind == QUOTE:
            quoted = _QUOTED(text, token.start(QUOTE))
            assert quoted is not None
            at = quoted.end()
        elif kind == HEREDOC:
            at = _after_heredoc(text, token)
        elif kind == MARK:
            mark = token[MARK]
            if mark in "([{":
                depth += 1
            elif mark in ")]}":
                depth -= 1
        elif kind == NEWLINE and token.start(NEWLINE) >= fault_at:
            stop = max(fault_at, at - 1)
            following = next_line(text, stop)
            if _ends_before(text, following, column, depth):
                return stop
            if depth > 0 and inner_end == -1 and _STATEMENT(text, following):
                inner_end = stop


def _ends_before(text: str, at: int, column: int, depth: int) -> bool:
    """Whether a damaged statement in `column` with `depth` open brackets ends before the line at `at`."""
    if at == len(text):
        return depth <= 0
    here = column_at(text, at)
    if text[at] == "}":
        return here < column if depth > 0 else True
    if _STATEMENT(text, at):
        return depth <= 0 or here <= column
    return False


def _after_heredoc(text: str, token: Match[str]) -> int:
    marker = token[HEREDOC].strip().lstrip("<").removeprefix("-")
    closing = re.compile(rf"^[ \t]*{re.escape(marker)}[ \t\r]*$", re.MULTILINE).search(text, token.end())
    return closing.end() if closing else token.end() - 1


def no_statement(source: Source, token: Match[str]) -> FaultError:
    """The error for a line that begins neither an attribute nor a block."""
    start, end = token.span(token.lastindex or 0)
    found = describe(source.text, start, end)
    mark = token[MARK]
    if mark is not None and mark in ")]":
        return FaultError("T0002", f"this {found} closes nothing", start, end, "remove it, or open it before")
    if token.lastindex == OTHER:
        return FaultError(
            "T0013", f"{found} does not belong here", start, end, "remove it, or write it as a comment after `#`"
        )
    if token.lastindex == QUOTE:
        end = start + 1
        found = "a string"
    hint = 'a statement is `name = value` or `type "label" { … }`'
    return FaultError("T0010", f"expected an attribute or a block, found {found}", start, end, hint)


def after_statement(source: Source, at: int, token: Match[str], *, inline: bool) -> tuple[FaultError, int]:
    """The error for text after a statement on its line, and where to go on, or -1 if the rest of it is damaged."""
    text = source.text
    start, end = token.span(token.lastindex or 0)
    found = describe(text, start, end)
    mark = token[MARK]
    if mark == ",":
        following = SCAN(text, end)
        assert following is not None
        is_name = following.lastindex == NAME
        go_on = end if is_name or following.lastindex in {NEWLINE, END} or following[MARK] == "}" else -1
        fix = ((start, end, "\n" if is_name and not inline else ""),)
        message = "attributes are not separated by commas"
        return FaultError(
            "T0011", message, start, end, "an attribute ends with its line: remove the comma", fix=fix
        ), go_on
    if mark is not None and mark in ")]}":
        return FaultError("T0002", f"this {found} closes nothing", start, end, "remove it, or open it before"), -1
    if token.lastindex == OTHER:
        hint = "statements end with their line" if text[start] in ";" else "remove it, or quote the whole text"
        return FaultError("T0013", f"{found} does not belong here", start, end, hint), -1
    if token.lastindex == NAME and _STATEMENT(text, start):
        hint = "begin it on a new line"
        fix = ((at, start, "\n"),)
        return FaultError("T0011", "a second statement on the same line", start, end, hint, fix=fix), at
    if token.lastindex == OPEN_COMMENT:
        return FaultError("T0016", "this comment is never closed", start, end, "close it with `*/`"), -1
    hint = "remove it, or join it to the value with an operator"
    return FaultError("T0011", f"expected the end of the line, found {found}", start, end, hint), -1


def unclosed_block(text: str, head: "Header", last: int, before: int, column: int) -> FaultError:
    """The error for a block without its `}`, whose last statement ends at `last` and which ends before `before`."""
    place = closing_place(text, last, before)
    title = text[head.start : head.header_end]
    related = ((head.start, head.header_end, "this block is opened here"),)
    indent = text[line_start(text, head.start) :][:column]
    on_empty_line = place != last
    fix = ((place, place, "}" if on_empty_line else f"\n{indent}}}"),)
    return FaultError(
        "T0001", f"the block `{title}` is never closed", place, place, "write its `}` here", related=related, fix=fix
    )
