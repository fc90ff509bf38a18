"""Mends of delimiters that do not pair: every single change that makes them pair, the most plausible first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ducktools.classbuilder.prefab import Prefab, replace

from tars.rust.rules_support.brokenness import brokenness_after, weight
from tars.rust.rules_support.layout import (
    Mark,
    anomalies,
    first_clash,
    imbalance,
    indent_unit,
    marks_of,
    misfit,
    open_before,
    unpaired_part,
    with_mark,
    with_text,
    without_mark,
)
from tars.rust.rules_support.tokens import CLOSERS, OPENERS, Token, index_at, tokens_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

_LINES_AROUND = 2
_CANDIDATES_MAX = 600
_CANDIDATES_LEAST = 100
_LONG_BYTES = 100_000
_MARKS_MAX = 3_000_000
"""So many marks are judged for one file, which takes a second, if more than the least number of candidates fit in."""
_REPEATED_MAX = 3
_ROW_MAX = 40
"""So many tokens a row of a table has at most."""
_KNOWN = frozenset(
    b"Some Ok Err Box new from String Vec fn main print println format assert vec if while match pub crate"
    b" super".split()
)
_GOING_ON = (b"::", b".", b",", b";", b":", b"?", b"=", b"=>", b"->", b"+", b"/", b">", b"==")
"""What nothing begins with."""
_UNIT_IN = (b"Ok", b"Err", b"Some", b"ok_or")
"""What `()` is often handed to."""
_READ_MAX = 60
"""How many of the candidates that fit the indentation best are read as a tree."""


class Mended(Prefab, frozen=True):
    """A change that makes the delimiters pair. `misfit` counts what then still disagrees with the indentation, `rank`
    is the smaller the more usual such a slip is."""

    change: Change
    what: str
    misfit: int
    rank: int
    broken: tuple[int, int] = (0, 0)

    @property
    def order(self) -> tuple[object, ...]:
        return (weight(self.broken), self.misfit, self.rank, self.broken[1], self.change.place.start)


def mends(file: SourceFile, near: Sequence[Place]) -> tuple[Mended, ...]:
    """Single changes after which all delimiters pair, the most plausible first; `near` is where the compiler points. Of
    a long file only the items are looked at in which they do not pair."""
    low, high = unpaired_part(marks_of(file)) if len(file.data) > _LONG_BYTES else (0, None)
    high = len(file.data) if high is None else high
    part = SourceFile(file.path, file.data[low:high]) if high - low < len(file.data) else file
    within = tuple(_shifted(one, -low) for one in near if low <= one.start <= one.end <= high)
    if part is file:
        return _mends(file, within)
    return tuple(
        replace(one, change=replace(one.change, place=_shifted(one.change.place, low))) for one in _mends(part, within)
    )


def _shifted(place: Place, by: int) -> Place:
    return Place(place.path, place.start + by, place.end + by)


@lru_cache(maxsize=32)
def _mends(file: SourceFile, near: tuple[Place, ...]) -> tuple[Mended, ...]:
    marks = marks_of(file)
    counts = imbalance(marks)
    unit = indent_unit(marks)
    window = _window(file, marks, unit, near)
    most = min(_CANDIDATES_MAX, max(_CANDIDATES_LEAST, _MARKS_MAX // max(len(marks), 1)))
    found: dict[bytes, Mended] = {}
    for change, what, rank, after in _changes(file, marks, counts, window):
        fit = misfit(after, unit)
        if fit is not None:
            one, key = Mended(change, what, fit, rank), _outcome(file, change)
            found[key] = min(found.get(key, one), one, key=lambda each: (each.misfit, each.rank))
        if len(found) >= most:
            break
    best = sorted(found.values(), key=lambda one: (one.misfit, one.rank, one.change.place))[:_READ_MAX]
    read = (Mended(one.change, one.what, one.misfit, one.rank, brokenness_after(file, one.change)) for one in best)
    return tuple(sorted(read, key=lambda one: one.order))


def _outcome(file: SourceFile, change: Change) -> bytes:
    """The text around a change as it will be, without blanks: what tells whether two changes come to the same."""
    start, end = file.line_start(change.place.start), file.line_end(change.place.end)
    text = file.data[start : change.place.start] + change.text.encode() + file.data[change.place.end : end]
    return b"".join((str(start).encode(), *text.split()))


def _window(file: SourceFile, marks: Sequence[Mark], unit: int, near: Sequence[Place]) -> list[int]:
    """The indices of the tokens on and around the lines that the compiler or the indentation points at, and then of
    those that begin a line between them."""
    tokens = tokens_of(file)
    pointed = {tokens[min(index_at(tokens, place.start), len(tokens) - 1)].line for place in near} if tokens else set()
    lines = pointed | set(anomalies(marks, unit))
    close = {line + step for line in lines for step in range(-_LINES_AROUND, _LINES_AROUND + 1)}
    low, high = min(lines, default=0), max(lines, default=0)
    clash = first_clash(marks)
    limit = marks[clash].start if clash < len(marks) else len(file.data)
    within = [(index, token) for index, token in enumerate(tokens) if token.start <= limit]
    near_by = [index for index, token in within if token.line in close]
    between = [index for index, token in within if token.first and low <= token.line <= high + 1]
    return [*near_by, *(index for index in between if tokens[index].line not in close)]


Candidate = tuple[Change, str, int, list[Mark]]


def _changes(
    file: SourceFile, marks: Sequence[Mark], counts: dict[bytes, int], window: Sequence[int]
) -> Iterator[Candidate]:
    for opener, count in counts.items():
        if count > 1:
            yield from _repeated(file, marks, OPENERS[opener], count, window)
        elif count > 0:
            yield from _insertions(file, marks, OPENERS[opener], window)
            yield from _deletions(file, marks, opener, window)
        else:
            yield from _insertions(file, marks, opener, window)
            yield from _deletions(file, marks, OPENERS[opener], window)
    many = [opener for opener, count in counts.items() if count > 0]
    few = [opener for opener, count in counts.items() if count < 0]
    for one in many:
        for other in few:
            yield from _replacements(file, marks, one, other, window)
            yield from _replacements(file, marks, OPENERS[other], OPENERS[one], window)


def _insertions(file: SourceFile, marks: Sequence[Mark], text: bytes, window: Sequence[int]) -> Iterator[Candidate]:
    tokens = tokens_of(file)
    first = first_clash(marks)
    clash = marks[first].line if first < len(marks) else None
    for index in window:
        token, before = tokens[index], tokens[index - 1] if index else None
        if before is None:
            continue
        own_line = None
        if text in CLOSERS:
            opener = next((one for one in reversed(open_before(marks, token.start)) if one.text == CLOSERS[text]), None)
            if opener is None:
                continue
            if token.first and _last_on_line(tokens, opener.start):
                own_line = (
                    min(opener.indent, opener.stem) if text == b"}" and not _chained(tokens, opener) else opener.indent
                )
        method = text == b"(" and token.text == b")" and index > 1 and tokens[index - 2].text == b"."
        lonely = own_line is None and text in CLOSERS and before.text == b","
        unit = text == b"(" and before.text == b"(" and token.text == b")" and tokens[index - 2].text in _UNIT_IN
        far = text in (b"(", b"[") and clash is not None and token.line != clash
        yield (
            _inserted(file, text, before, token, own_line),
            f"insert the missing `{text.decode()}`",
            -2
            if unit or method or (text in (b"(", b"[") and _as_before(tokens, index) == text)
            else _usual(text, before, token) + far + 3 * lonely,
            with_mark(marks, text, token, own_line_indent=own_line),
        )
    if text in CLOSERS and tokens:
        yield from _at_the_end(file, marks, text)
    if text in (b"(", b"["):
        yield from _within_words(file, marks, text, window)


def _as_before(tokens: Sequence[Token], index: int) -> bytes:
    """What the line before begins with, where a token begins one too: the rows of a table begin alike."""
    if not tokens[index].first:
        return b""
    return next((one.text for one in reversed(tokens[max(index - _ROW_MAX, 0) : index]) if one.first), b"")


def _repeated(
    file: SourceFile, marks: Sequence[Mark], text: bytes, count: int, window: Sequence[int]
) -> Iterator[Candidate]:
    """Several closing delimiters of one kind in one place: `f(g(x;`."""
    if count > _REPEATED_MAX:
        return
    tokens = tokens_of(file)
    for index in window:
        token, before = tokens[index], tokens[index - 1] if index else None
        if before is not None:
            after = list(marks)
            for _ in range(count):
                after = with_mark(after, text, token, own_line_indent=None)
            change = file.insert(before.end, text.decode() * count)
            what = f"insert the missing `{text.decode() * count}`"
            yield change, what, 1 + _usual(text, before, token), after


def _within_words(file: SourceFile, marks: Sequence[Mark], text: bytes, window: Sequence[int]) -> Iterator[Candidate]:
    """An opening delimiter between two words that were run together without it: `Ok(value` as `Okvalue`."""
    tokens = tokens_of(file)
    words = Counter(token.text for token in tokens if token.kind == "word")
    known = _KNOWN | words.keys()
    for index in window:
        token = tokens[index]
        if token.kind != "word" or words[token.text] > 1:
            continue
        for at in range(1, len(token.text)):
            left, right = token.text[:at], token.text[at:]
            likely = (left in known) + (right in known or right.isdigit())
            if likely and not left.isdigit():
                change = file.insert(token.start + at, text.decode())
                after = with_mark(
                    marks,
                    text,
                    Token("word", right, token.start + at, token.end, 0, False, False),
                    own_line_indent=None,
                )
                yield change, f"insert the missing `{text.decode()}`", 1 - likely, after


def _at_the_end(file: SourceFile, marks: Sequence[Mark], text: bytes) -> Iterator[Candidate]:
    """A closing delimiter behind everything."""
    opener = next((one for one in reversed(open_before(marks, len(file.data))) if one.text == CLOSERS[text]), None)
    if opener is None:
        return
    last = tokens_of(file)[-1]
    indent = file.indent(opener.start)
    change = file.insert(last.end, f"\n{indent}{text.decode()}")
    after = [*marks, Mark(text, len(file.data), -1, opener.indent, opener.indent, True, False)]
    yield change, f"insert the missing `{text.decode()}`", 1, after


def _inserted(file: SourceFile, text: bytes, before: Token, token: Token, own_line: int | None) -> Change:
    if own_line is not None:
        blanks = file.data[file.line_start(before.start) :][:own_line]
        indent = blanks.decode() if not blanks.strip() else " " * own_line
        return file.insert(before.end, f"\n{indent}{text.decode()}")
    if text == b"{":
        return file.insert(before.end, " {")
    if text == b"}":
        return file.insert(before.end, " }" if before.text != b"{" else "}")
    if text in OPENERS and before.end < token.start and before.text != b"!" and before.kind != "word":
        return file.insert(token.start, text.decode())
    return file.insert(before.end, text.decode())


def _usual(text: bytes, before: Token, token: Token) -> int:
    """How unusual it is that this delimiter was forgotten between these tokens."""
    if text == b"}":
        return 0 if token.first else 2
    if text == b"{":
        return 0 if before.last else 3 if before.text in (b")", b"=>", b"else") else 4
    if text in CLOSERS:
        if token.text in (b";", b"{") or (text == b"]" and token.text == b"="):
            return 0 if before.text != b"," else 5
        if token.text == b"," and token.last and text != b"}":
            return 0
        return 1 if before.last else 2 if token.text in CLOSERS or token.text in (b"->", b"=>", b",", b"?") else 4
    if token.text in _GOING_ON:
        return 6
    if before.kind == "word" and before.end == token.start and text == b"(":
        return 2 if token.text in (b"(", b")") else 0
    if before.text == b"!":
        return 0
    return 2 if before.kind == "word" or before.text in (b">", b"=", b"&", b"=>", b"(") else 4


def _deletions(file: SourceFile, marks: Sequence[Mark], text: bytes, window: Sequence[int]) -> Iterator[Candidate]:
    tokens = tokens_of(file)
    for index in window:
        token = tokens[index]
        if token.text == text:
            around = (tokens[index - 1] if index else None, tokens[index + 1] if index + 1 < len(tokens) else None)
            doubled = any(one is not None and one.text == text for one in around)
            doubled |= text == b"{" and not token.first and around[0] is not None and around[0].text in (b";", b",")
            what = f"remove the stray `{text.decode()}`"
            yield _deleted(file, token), what, -1 if doubled else 1, without_mark(marks, token.start)


def _deleted(file: SourceFile, token: Token) -> Change:
    if token.first and token.last:
        end = min(file.line_end(token.end) + 1, len(file.data))
        if not file.data[token.end : end].strip():
            return file.delete(Place(file.path, file.line_start(token.start), end))
    start = token.start
    if token.text == b"{" and file.data[start - 1 : start] == b" " and not token.first:
        start -= 1
    return file.delete(Place(file.path, start, token.end))


def _replacements(
    file: SourceFile, marks: Sequence[Mark], text: bytes, other: bytes, window: Sequence[int]
) -> Iterator[Candidate]:
    tokens = tokens_of(file)
    for index in window:
        token = tokens[index]
        if token.text == text:
            change = file.replace(Place(file.path, token.start, token.end), other.decode())
            what = f"write `{other.decode()}` for `{text.decode()}`"
            called = token.opens and index > 0 and tokens[index - 1].end == token.start
            yield change, what, int(called), with_text(marks, token.start, other)


def _chained(tokens: Sequence[Token], opener: Mark) -> bool:
    """Whether the line of an opener goes on with a chain of method calls."""
    at = index_at(tokens, opener.start)
    while at and not tokens[at].first:
        at -= 1
    return tokens[at].text == b"."


def _last_on_line(tokens: Sequence[Token], start: int) -> bool:
    return tokens[index_at(tokens, start)].last
