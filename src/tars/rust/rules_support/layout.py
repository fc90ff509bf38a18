"""How well the delimiters of a text agree with its indentation: what tells where one is missing or too many."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ducktools.classbuilder.prefab import Prefab, replace

from tars.rust.rules_support.tokens import CLOSERS, OPENERS, Token, tokens_of
from tars.rust.syntax.source import SourceFile

_ENDS = (b";", b"{", b",", b"(", b"[")
"""After these a line is at the indentation of its block."""
_BEGINNINGS = frozenset(b"let if for while match return loop fn pub use struct enum impl println assert_eq".split())
_GOES_ON = (b"else", b"as", b"where")
ANOMALIES_MAX = 6


class Mark(Prefab, frozen=True):
    """A token that is a delimiter or begins a line, as the judgement of a layout sees it."""

    text: bytes
    start: int
    line: int
    indent: int
    stem: int
    """The indentation of the line that began the statement or item that the mark is in."""
    first: bool
    after_end: bool
    """Whether what stands before it ended a statement or opened a block."""
    begins: bool = False
    """Whether it is a word that only a statement begins with, though nothing before it ended one."""

    other: bool = False
    """Whether it is the `else` of what was closed before it."""

    def holds(self, indent: int, unit: int) -> bool:
        """Whether a statement at this indentation can stand directly in what the mark opens."""
        return indent in (self.indent + unit, self.stem + unit)


@lru_cache(maxsize=32)
def marks_of(file: SourceFile) -> tuple[Mark, ...]:
    """The marks of a file, in its order."""
    found: list[Mark] = []
    indent, stem, before = 0, 0, b";"
    bounds = other = False
    for token in tokens_of(file):
        # The bounds of a `where` stand deeper than what comes before them, until a body begins.
        bounds = token.text == b"where" or (bounds and before not in (b"{", b";", b"}"))
        ended = _ended(before, token) and not (bounds and before == b",")
        if token.first:
            indent = token.start - file.line_start(token.start)
            stem = indent if ended or token.closes else stem
            other = token.text == b"else"
            if other and re.fullmatch(rb"(  )* |\t+ ", file.data[token.start - indent : token.start]):
                # So it stands where the `}` before it is missing.
                stem = indent - 1
        if token.first or token.opens or token.closes:
            text = token.text if token.opens or token.closes else b""
            # Behind `]` it may be what an attribute is of.
            begins = token.first and not ended and before != b"]" and token.text in _BEGINNINGS
            found.append(
                Mark(text, token.start, token.line, indent, stem, token.first, ended, begins, other and token.first)
            )
        before = token.text
    return tuple(found)


def indent_unit(marks: Sequence[Mark]) -> int:
    """By how many characters a block is indented in this file: the most frequent step."""
    steps: Counter[int] = Counter()
    before = 0
    for mark in marks:
        if mark.first:
            if mark.indent > before:
                steps[mark.indent - before] += 1
            before = mark.indent
    return steps.most_common(1)[0][0] if steps else 4


def misfit(marks: Sequence[Mark], unit: int) -> int | None:
    """How many lines and pairs of delimiters do not fit the indentation; None where the delimiters do not pair."""
    total = 0
    closed = 0
    stack: list[Mark] = []
    for mark in marks:
        if mark.first and mark.text not in CLOSERS and mark.after_end:
            total += not stack[-1].holds(mark.indent, unit) if stack else mark.indent != 0
        elif mark.other:
            # One blank is left of `} else` without its brace.
            total += abs(mark.indent - closed) > 1
        elif mark.first and mark.text not in CLOSERS and stack:
            total += _left_of(mark, stack[-1])
        if mark.text in OPENERS:
            stack.append(mark)
        elif mark.text in CLOSERS:
            if not stack or stack[-1].text != CLOSERS[mark.text]:
                return None
            opener = stack.pop()
            closed = opener.indent
            total += opener.line != mark.line and mark.indent not in (opener.indent, opener.stem)
    return None if stack else total


def imbalance(marks: Sequence[Mark]) -> dict[bytes, int]:
    """For each opener whose kind does not come out even: how many there are too many of it (negative: too few)."""
    counts: Counter[bytes] = Counter()
    for mark in marks:
        if mark.text in OPENERS:
            counts[mark.text] += 1
        elif mark.text in CLOSERS:
            counts[CLOSERS[mark.text]] -= 1
    return {text: count for text, count in counts.items() if count}


def first_clash(marks: Sequence[Mark]) -> int:
    """The index of the first closing mark that does not close what is open; their count where there is none."""
    stack: list[bytes] = []
    for index, mark in enumerate(marks):
        if mark.text in OPENERS:
            stack.append(mark.text)
        elif mark.text in CLOSERS and (not stack or stack.pop() != CLOSERS[mark.text]):
            return index
    return len(marks)


def anomalies(marks: Sequence[Mark], unit: int) -> Iterator[int]:
    """The first few lines whose indentation is not what the delimiters before them say."""
    stack: list[Mark] = []
    left, closed = ANOMALIES_MAX, 0
    for mark in marks:
        fits = True
        if mark.text in CLOSERS:
            opener = stack.pop() if stack else None
            closed = opener.indent if opener is not None else 0
            fits = opener is not None and (opener.line == mark.line or mark.indent in (opener.indent, opener.stem))
        elif mark.other:
            fits = abs(mark.indent - closed) <= 1
        elif mark.first and mark.after_end:
            fits = stack[-1].holds(mark.indent, unit) if stack else mark.indent == 0
        elif mark.begins or (mark.first and stack and _left_of(mark, stack[-1])):
            fits = False
        if mark.text in OPENERS:
            stack.append(mark)
        if not fits:
            yield mark.line
            left -= 1
            if not left:
                return


def unpaired_part(marks: Sequence[Mark]) -> tuple[int, int | None]:
    """The bytes from the last item before which all delimiters pair and the layout fits to the first one from which
    they pair up to the end; None where there is no such one."""
    odd = next(anomalies(marks, indent_unit(marks)), None)
    low, stack = 0, list[bytes]()
    for mark in marks:
        if mark.line == odd or (mark.text in CLOSERS and (not stack or stack.pop() != CLOSERS[mark.text])):
            break
        low = mark.start if _begins_item(mark) and not stack else low
        stack += [mark.text] if mark.text in OPENERS else []
    high, stack = None, []
    for mark in reversed(marks):
        if mark.start <= low or (mark.text in OPENERS and (not stack or stack.pop() != OPENERS[mark.text])):
            break
        high = mark.start if _begins_item(mark) and not stack else high
        stack += [mark.text] if mark.text in CLOSERS else []
    return low, high


def _begins_item(mark: Mark) -> bool:
    return mark.first and mark.after_end and mark.indent == 0 and not mark.text


def _left_of(mark: Mark, opener: Mark) -> bool:
    """Whether a line within a block does not stand deeper than the line that opened it: no statement goes on so."""
    return opener.text == b"{" and not mark.other and mark.indent <= min(opener.indent, opener.stem)


def open_before(marks: Sequence[Mark], offset: int) -> list[Mark]:
    """The openers that are open at a byte, the innermost last."""
    stack: list[Mark] = []
    for mark in marks:
        if mark.start >= offset:
            break
        if mark.text in OPENERS:
            stack.append(mark)
        elif mark.text in CLOSERS and stack:
            stack.pop()
    return stack


def with_mark(marks: Sequence[Mark], text: bytes, token: Token, *, own_line_indent: int | None) -> list[Mark]:
    """The marks with a delimiter put before a token, at the end of what stands there; with an indent it stands on a
    line of its own."""
    index = next((number for number, one in enumerate(marks) if one.start >= token.start), len(marks))
    before, rest = marks[:index], list(marks[index:])
    if rest and rest[0].start == token.start and rest[0].first and rest[0].after_end and text in (b"(", b"["):
        # It begins the line of the token.
        return [*before, replace(rest[0], text=text, start=token.start - 1), replace(rest[0], first=False), *rest[1:]]
    if rest and rest[0].start == token.start:
        rest[0] = replace(rest[0], after_end=_ended(text, token))
    if own_line_indent is not None:
        new = Mark(text, token.start - 1, -1, own_line_indent, own_line_indent, True, False)
    else:
        line, indent, stem = (before[-1].line, before[-1].indent, before[-1].stem) if before else (0, 0, 0)
        new = Mark(text, token.start - 1, line, indent, stem, False, False)
    return [*before, new, *rest]


def without_mark(marks: Sequence[Mark], start: int) -> list[Mark]:
    """The marks without the delimiter at a byte; the line that it may have begun is not judged."""
    return [one for one in marks if one.start != start]


def with_text(marks: Sequence[Mark], start: int, text: bytes) -> list[Mark]:
    """The marks with the delimiter at a byte replaced by another."""
    return [replace(one, text=text) if one.start == start else one for one in marks]


def _ended(before: bytes, token: Token) -> bool:
    """Whether a line that begins with the token after this text begins a statement or item."""
    return before in _ENDS or (before == b"}" and token.kind == "word" and token.text not in _GOES_ON)
