"""Reads statements: attributes and blocks, as they are nested, going on after every error.

A file is read once believing its braces. Only if they do not balance is it read again believing its indentation too:
a statement at or left of the line that opened a block then means that the block's `}` is missing.
"""

import re
from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.lang.syntax import recover
from tars.lang.syntax.expressions import expression
from tars.lang.syntax.faults import FaultError, Source
from tars.lang.syntax.headers import Header, header
from tars.lang.syntax.height import HEIGHT_MAX, too_high
from tars.lang.syntax.recover import column_at
from tars.lang.syntax.tokens import (
    ATTRIBUTE,
    ATTRIBUTE_INTEGER,
    ATTRIBUTE_STRING,
    ATTRIBUTE_WORD,
    CLOSE,
    END,
    END_OF_FILE,
    MARK,
    NAME,
    NEWLINE,
    ODD_STATEMENT,
    OPEN_COMMENT,
    SCAN,
    SCAN_WIDE,
    STATEMENT,
    plain,
)
from tars.lang.syntax.tree import Attribute, Block, Body, Damage, Expression, Label, Literal

DIAGNOSTICS_MAX: Final = 200
"""Reading stops there: a file with more errors is hardly a metascript."""
BLOCKS_DEPTH_MAX: Final = 100

_WORDS: Final = {"true": True, "false": False, "null": None}


class _Open:
    """A block whose `}` has not been reached. `outer` are the items of the body that it stands in."""

    __slots__ = ("body_start", "column", "damaged", "header", "indented", "inline", "outer")

    def __init__(self, head: Header, body_start: int, outer: list[Attribute | Block], column: int) -> None:
        self.header = head
        self.body_start = body_start
        self.outer = outer
        self.column = column
        self.inline = False
        self.damaged = False
        self.indented = True


class _StopError(Exception):
    """The rest of the file is not worth reading; a diagnostic says why."""


def body(source: Source) -> tuple[Attribute | Block, ...]:
    """The file's statements; the errors are reported to `source`."""
    reader = _Reader(source, by_indentation=False)
    items = reader.read()
    if reader.balanced:
        return items
    source.balanced = False
    source.diagnostics.clear()
    return _Reader(source, by_indentation=True).read()


def reads_by_indentation(text: str, items: tuple[Attribute | Block, ...]) -> bool:
    """Whether the text has no errors and these items also where its indentation is believed."""
    source = Source(text, "")
    return _Reader(source, by_indentation=True).read() == items and not source.diagnostics


class _Reader:
    """One reading of a file: `items` are those of the body at hand, `opened` the blocks around it."""

    def __init__(self, source: Source, *, by_indentation: bool) -> None:
        self.source = source
        self.text = source.text
        self.by_indentation = by_indentation
        self.balanced = True
        self.items: list[Attribute | Block] = []
        self.opened: list[_Open] = []
        self.damaged = False

    def read(self) -> tuple[Attribute | Block, ...]:
        try:
            end = self._statements(1 if self.text.startswith("\ufeff") else 0)
            while self.opened:
                self.balanced = False
                self._close_missing(end)
        except _StopError:
            self.balanced = False
            while self.opened:
                self._close(len(self.text), len(self.text))
        return tuple(self.items)

    def _statements(self, at: int) -> int:
        """Read to the end of the file. The usual statements are handled here, in one match each; it is the hot loop."""
        text = self.text
        append = self.items.append
        new = tuple.__new__  # half the time of calling the class, which checks the number of fields first
        statement = STATEMENT
        careful = self.by_indentation
        while True:
            match = statement(text, at)
            assert match is not None
            kind = match.lastindex
            if careful or kind == ODD_STATEMENT:
                at = self._careful(at)
                append = self.items.append
                careful = self.by_indentation or bool(self.opened and self.opened[-1].inline)
                if at < 0:
                    return ~at
                continue
            at = match.end()
            if kind == ATTRIBUTE_STRING:
                start, end = match.span(ATTRIBUTE_STRING)
                value = match[ATTRIBUTE_STRING]
                literal = new(Literal, (start - 1, end + 1, value if value.isascii() else plain(value)))
                append(new(Attribute, (match.start(ATTRIBUTE), end + 1, match[ATTRIBUTE], literal)))
            elif kind == ATTRIBUTE:
                at = self._value(match.start(ATTRIBUTE), match[ATTRIBUTE], at)
            elif kind == ATTRIBUTE_WORD:
                start, end = match.span(ATTRIBUTE_WORD)
                literal = new(Literal, (start, end, _WORDS[match[ATTRIBUTE_WORD]]))
                append(new(Attribute, (match.start(ATTRIBUTE), end, match[ATTRIBUTE], literal)))
            elif kind == ATTRIBUTE_INTEGER:
                start, end = match.span(ATTRIBUTE_INTEGER)
                literal = new(Literal, (start, end, int(match[ATTRIBUTE_INTEGER])))
                append(new(Attribute, (match.start(ATTRIBUTE), end, match[ATTRIBUTE], literal)))
            elif kind == CLOSE and self.opened:
                self._close(match.start(CLOSE), match.start(CLOSE) + 1)
                append = self.items.append
            elif kind == CLOSE:
                self.balanced = False
                self._stray(match.start(CLOSE))
            elif kind == END_OF_FILE:
                return at
            else:
                self._open(_usual_header(match), match.start(8) + 1)
                append = self.items.append

    def _careful(self, at: int) -> int:
        """One statement in full generality. Returns where to go on, or `~end` at the end of the file."""
        token = SCAN_WIDE(self.text, at)
        assert token is not None
        kind = token.lastindex or 0
        start = token.start(kind)
        if kind == END:
            return ~start
        if self.opened and self.opened[-1].inline and "\n" in self.text[at:start]:
            self._no_longer_inline(start)
        if kind == MARK and token[MARK] == "}":
            return self._closer(start)
        if kind == NAME:
            if self.by_indentation:
                self._settle(start)
            return self._named(start)
        if kind == OPEN_COMMENT:
            fault = FaultError("T0016", "this comment is never closed", start, start + 2, "close it with `*/`")
            return self._resume_line(fault, start)
        fault = recover.no_statement(self.source, token)
        if not recover.begins_line(self.text, start):
            return self._resume_line(fault, start)
        line = self.text[start : recover.line_end(self.text, start)].rstrip()
        if line.endswith("}") and "{" not in line:
            self._resume_line(fault, start)
            return start + len(line) - 1
        return self._resume(fault, start)

    def _named(self, start: int) -> int:
        try:
            head = header(self.source, start)
        except FaultError as fault:
            return self._resume(fault, start)
        if head.fault is not None:
            self._report(head.fault)
        if head.kind == "attribute":
            return self._value(start, head.type, head.at)
        if head.kind == "nothing":
            return head.at
        if self.opened and self.opened[-1].inline:
            hint = "write each nested block on lines of its own"
            nested = FaultError("T0026", "a one-line block cannot hold a block", start, head.header_end, hint)
            self._report(nested)
            self.opened[-1].inline = False
        self._open(head, head.at)
        following = SCAN(self.text, head.at)
        assert following is not None
        if following.lastindex not in {NEWLINE, END} and head.fault is None:
            self.opened[-1].inline = True
        return head.at

    def _value(self, start: int, name: str, at: int) -> int:
        """The value at `at` of the attribute whose name is at `start`, and the end of its line."""
        source = self.source
        source.weight = 0
        value: Expression
        try:
            value = expression(source, at, SCAN, 0)
            if source.weight > HEIGHT_MAX and (refusal := too_high(value)):
                raise refusal
        except FaultError as fault:
            end = self._resume(fault, start)
            stop = max(at, len(self.text[:end].rstrip()) if end - at < 10_000 else end)
            self.items.append(Attribute(start, stop, name, Damage(at, stop)))
            return end
        self.items.append(Attribute(start, value[1], name, value))
        return self._line_end(start, value[1])

    def _line_end(self, start: int, at: int) -> int:
        """Check that nothing but the end of the line follows a statement. Returns where to go on."""
        if self.text.startswith("\n", at):
            return at
        token = SCAN(self.text, at)
        assert token is not None
        kind = token.lastindex or 0
        if kind in (NEWLINE, END):
            return at
        inline = bool(self.opened) and self.opened[-1].inline
        if inline and (kind == NAME or token[MARK] == "}"):
            return at
        if token[MARK] == "}" and self.opened:
            if not (self.by_indentation and self._closes_later(token.start(MARK))):
                place = token.start(MARK)
                hint = "write the `}` on a line of its own, or the whole block on one line"
                fix = ((at, place, "\n"),)
                self._report(
                    FaultError("T0026", "this `}` must be on a line of its own", place, place + 1, hint, fix=fix)
                )
            return at
        fault, go_on = recover.after_statement(self.source, at, token, inline=inline)
        if go_on >= 0:
            self._report(fault)
            return go_on
        return self._resume(fault, start)

    def _open(self, head: Header, body_start: int) -> None:
        if len(self.opened) >= BLOCKS_DEPTH_MAX:
            message = f"blocks are nested more than {BLOCKS_DEPTH_MAX} levels deep"
            self._report(FaultError("T0022", message, head.start, head.header_end, "nest fewer blocks"))
            raise _StopError
        opened = _Open(head, body_start, self.items, 0)
        if self.by_indentation:
            opened.column = column_at(self.text, head.start)
            opened.indented = recover.is_indented(self.text, body_start, opened.column)
        self.opened.append(opened)
        self.items = []

    def _close(self, body_end: int, end: int) -> None:
        opened = self.opened.pop()
        head = opened.header
        body = Body(opened.body_start, body_end, tuple(self.items))
        opened.outer.append(Block(head.start, end, head.type, head.labels, head.header_end, body))
        self.items = opened.outer

    def _close_missing(self, before: int) -> None:
        """Close the innermost block although its `}` is missing: it ends before the place `before`."""
        opened = self.opened[-1]
        last = self.items[-1][1] if self.items else opened.body_start
        if not opened.damaged:
            self._report(recover.unclosed_block(self.text, opened.header, last, before, opened.column))
        self._close(last, last)
        if self.opened:
            self.opened[-1].damaged = self.opened[-1].damaged or opened.damaged

    def _closer(self, start: int) -> int:
        """The `}` at `start`: the end of the block at hand, or a stray one."""
        if self.by_indentation:
            alone = recover.begins_line(self.text, start)
            column = column_at(self.text, start)
            while alone and self.opened and self.opened[-1].indented and column < self.opened[-1].column:
                self._close_missing(start)
            if self.opened and self._closes_later(start):
                self._stray(start)
                return start + 1
        if not self.opened:
            self.balanced = False
            self._stray(start)
            return start + 1
        self._close(start, start + 1)
        return self._line_end(start, start + 1)

    def _closes_later(self, start: int) -> bool:
        """Whether the block has a better `}` than the one at `start`: one below its header, before anything else."""
        opened = self.opened[-1]
        if not opened.indented or opened.inline:
            return False
        if recover.begins_line(self.text, start) and column_at(self.text, start) <= opened.column:
            return False
        return recover.closes_later(self.text, start + 1, opened.column)

    def _stray(self, start: int) -> None:
        damaged = self.opened[-1].damaged if self.opened else self.damaged
        if not damaged:
            hint = "remove it, or write the block's header before it"
            fix = ((start, start + 1, ""),)
            self._report(FaultError("T0002", "this `}` closes nothing", start, start + 1, hint, fix=fix))

    def _settle(self, start: int) -> None:
        """Close the blocks that the indentation of the statement at `start` says have ended."""
        if not recover.begins_line(self.text, start):
            return
        column = column_at(self.text, start)
        while self.opened and self.opened[-1].indented and column <= self.opened[-1].column:
            self._close_missing(start)

    def _no_longer_inline(self, start: int) -> None:
        opened = self.opened[-1]
        opened.inline = False
        brace = opened.body_start
        hint = "begin the body on the line after the `{`, or write the whole block on one line"
        self._report(
            FaultError(
                "T0026", "this block goes on after its first line", brace - 1, brace, hint, fix=((brace, brace, "\n"),)
            )
        )

    def _report(self, fault: FaultError) -> None:
        if self.opened:
            self.opened[-1].damaged = True
        else:
            self.damaged = True
        self.source.report(fault)
        if len(self.source.diagnostics) >= DIAGNOSTICS_MAX:
            last = self.source.diagnostics[-1]
            hint = f"{last.hint}; there are too many errors: the rest of the file was not read"
            self.source.diagnostics[-1] = replace(last, hint=hint)
            raise _StopError

    def _resume(self, fault: FaultError, start: int) -> int:
        """Report what was wrong in the statement at `start`; returns where the next one begins."""
        self._report(fault)
        if self.opened:
            self.opened[-1].inline = False
        return recover.resume(self.text, start, fault.start)

    def _resume_line(self, fault: FaultError, start: int) -> int:
        self._report(fault)
        if self.opened:
            self.opened[-1].inline = False
        return recover.line_end(self.text, start)


def _usual_header(match: re.Match[str]) -> Header:
    start = match.start(5)
    type_ = match[5]
    labels: tuple[Label, ...] = ()
    end = start + len(type_)
    if match[6] is not None:
        label_start, end = match.span(6)
        label_start, end = label_start - 1, end + 1
        labels = (Label(label_start, end, plain(match[6])),)
    elif match[7] is not None:
        label_start, end = match.span(7)
        labels = (Label(label_start, end, match[7]),)
    return Header("block", start, type_, labels, end, match.start(8) + 1)
