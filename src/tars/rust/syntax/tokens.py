"""The tokens of Rust files, also of files that no parser can read; blanks and comments are left out, but for lines of
documentation, which may hold tests."""

import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

_TOKEN = re.compile(
    rb"""
    (?P<documentation>//[/!][^\n]*)
  | (?P<skip>\s+ | //[^\n]*)
  | (?P<comment>/\*)
  | (?P<raw>[bc]?r(?P<hashes>\#*)"(?s:.*?)"(?P=hashes))
  | (?P<text>[bc]?"(?:[^"\\]|\\(?s:.))*"|b?'(?:[^'\\\n]|\\(?:x..|u\{[^}]*\}|.))')
  | (?P<open>b['"])
  | (?P<lifetime>'[A-Za-z_]\w*)
  | (?P<number>\d[\w]*(?:\.\d[\w]*)?)
  | (?P<word>(?:r\#)?[A-Za-z_\x80-\xff][\w\x80-\xff]*)
  | (?P<sign>&&|\|\||==|!=|<=|>=|\+=|-=|\*=|/=|%=|->|=>|::|\.\.=|\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_EDGE = re.compile(rb"/\*|\*/")


@lru_cache(maxsize=256)
def tokens_of(data: bytes) -> Counter[bytes]:
    """How often each token occurs."""
    return Counter(token for _, token in _read(data, 0) if token is not None)


def differing(before: bytes, after: bytes) -> tuple[Counter[bytes], Counter[bytes]]:
    """The tokens that only the first and only the second of two texts has. What they have in common at their beginning
    and end is not read again, so that it costs little however long they are."""
    starts, lone = _starts(before)
    first = starts[max(bisect_left(starts, _common(before, after)) - 2, 0)] if starts else 0
    # What a quote without a partner is, is told by all that follows.
    first = 0 if lone < first else first
    shift = len(before) - len(after)
    same = len(after) - _common(before[first:][::-1], after[first:][::-1])
    gained: Counter[bytes] = Counter()
    end = len(before)
    for at, token in _read(after, first):
        index = bisect_left(starts, at + shift)
        if at >= same and index < len(starts) and starts[index] == at + shift:
            end = at + shift
            break
        if token is not None:
            gained[token] += 1
    lost: Counter[bytes] = Counter()
    for at, token in _read(before, first):
        if at >= end:
            break
        if token is not None:
            lost[token] += 1
    return lost - gained, gained - lost


def unclosed(data: bytes) -> bool:
    """Whether a quote has no partner, so that from somewhere on texts are read as code and code as text."""
    return _starts(data)[1] < len(data)


def bare_words(before: bytes, after: bytes) -> tuple[Counter[bytes], Counter[bytes]]:
    """The words, and the signs each by itself, that only the first and only the second of two texts has, whether in
    code, in texts or in comments."""
    first, last = _changed(before, after)
    first, last = before.rfind(b"\n", 0, first) + 1, (last if (end := after.find(b"\n", last)) < 0 else end)
    old = Counter(_BARE.findall(before[first : last + len(before) - len(after)]))
    new = Counter(_BARE.findall(after[first:last]))
    return old - new, new - old


def hides_code(before: bytes, after: bytes) -> bool:
    """Whether a text that begins or ends where the second differs from the first seems to hold code: several lines of
    it, by how they end, or a statement."""
    first, last = _changed(before, after)
    return any(at <= last and at + length >= first for at, length, _ in _texts_of_code(after))


def swallows_lines(data: bytes) -> bool:
    """Whether a text of several lines holds lines of code, by how they end: it may have lost a quote."""
    return any(lines for _, _, lines in _texts_of_code(data))


@lru_cache(maxsize=64)
def _texts_of_code(data: bytes) -> tuple[tuple[int, int, bool], ...]:
    """Where texts begin that seem to hold code, how long they are, and whether it is lines of it."""
    found = []
    for at, token in _read(data, 0):
        if token is not None and token[-1:] in (b'"', b"#") and (b"\n" in token or b";" in token):
            lines = any(line.rstrip()[-1:] in _ENDS for line in token.splitlines()[:-1])
            if lines or b"\n" not in token:
                found.append((at, len(token), lines))
    return tuple(found)


def _changed(before: bytes, after: bytes) -> tuple[int, int]:
    """From where to where the second of two texts differs from the first."""
    first = _common(before, after)
    return first, len(after) - min(_common(before[::-1], after[::-1]), min(len(before), len(after)) - first)


_BARE = re.compile(rb"\w+|[^\w\s]")
_ENDS = (b";", b"{", b"}")
_RAW = (b"r", b"br", b"cr")


@lru_cache(maxsize=64)
def _starts(data: bytes) -> "tuple[array[int], int]":
    """Where the tokens begin, blanks and comments among them, and where the first quote without a partner is, of a
    raw text too, or the end where there is none."""
    starts, lone = array("q"), len(data)
    for at, token in _read(data, 0):
        starts.append(at)
        if token in (b'"', b"'") or (token in _RAW and data[at + len(token) : at + len(token) + 1] in (b"#", b'"')):
            lone = min(lone, at)
    return starts, lone


def _read(data: bytes, at: int) -> Iterator[tuple[int, bytes | None]]:
    """Where each token begins, from a place on where one does, and its text; None for blanks and comments."""
    while at < len(data) and (match := _TOKEN.match(data, at)) is not None:
        start, at = at, match.end()
        kind = match.lastgroup
        if kind == "comment":
            at = _comment_end(data, at)
        elif kind == "open":
            at = start + 1
        yield start, match.group() if kind not in ("comment", "open", "skip") else None


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two texts begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _comment_end(data: bytes, at: int) -> int:
    """Behind the comment that begins before `at`; comments nest."""
    depth = 1
    for edge in _EDGE.finditer(data, at):
        depth += 1 if edge.group() == b"/*" else -1
        if not depth:
            return edge.end()
    return len(data)
