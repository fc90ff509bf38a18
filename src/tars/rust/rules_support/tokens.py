"""Rust text as tokens, also where it does not parse: what delimiters, commas and words stand where."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ducktools.classbuilder.prefab import Prefab

from tars.rust.syntax.source import SourceFile

OPENERS = {b"(": b")", b"[": b"]", b"{": b"}"}
CLOSERS = {close: open_ for open_, close in OPENERS.items()}

_TOKEN = re.compile(
    rb"""
    (?P<blank>\s+|//[^\n]*)
  | (?P<comment>/\*)
  | (?P<text>[bc]?r(?P<hashes>\#*)".*?"(?P=hashes) | [bc]?"(?:\\.|[^"\\])*"
    | b?'(?:\\.[^'\n]*|[^\\'\n\x80-\xff]|[\xc0-\xff][\x80-\xbf]+)')
  | (?P<lifetime>'[A-Za-z_\x80-\xff][\w\x80-\xff]*)
  | (?P<word>(?:r\#)?[A-Za-z_\x80-\xff][\w\x80-\xff]*)
  | (?P<number>[0-9][\w]*(?:\.[0-9][\w]*)?)
  | (?P<sign><<=|>>=|\.\.\.|\.\.=|::|->|=>|==|!=|<=|>=|&&|\|\||\+=|-=|\*=|/=|%=|\^=|&=|\|=|\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(Prefab, frozen=True):
    """A token at `[start, end)`. `kind` is `word`, `number`, `text` (a string or character), `lifetime` or `sign`;
    `line` counts from 0, `first` and `last` tell whether it begins or ends its line."""

    kind: str
    text: bytes
    start: int
    end: int
    line: int
    first: bool
    last: bool

    @property
    def opens(self) -> bool:
        return self.text in OPENERS

    @property
    def closes(self) -> bool:
        return self.text in CLOSERS


@lru_cache(maxsize=32)
def tokens_of(file: SourceFile) -> tuple[Token, ...]:
    """All tokens of a file but blanks and comments; an unterminated string begins with a `sign` of one quote."""
    raw = list(_raw(file.data))
    lines = [file.data.count(b"\n", *pair) for pair in _gaps(raw)]
    found: list[Token] = []
    line = 0
    for index, (kind, start, end) in enumerate(raw):
        line += lines[index]
        first = index == 0 or lines[index] > 0
        last = index + 1 == len(raw) or b"\n" in file.data[end : raw[index + 1][1]]
        found.append(Token(kind, file.data[start:end], start, end, line, first, last))
    return tuple(found)


def _gaps(raw: Sequence[tuple[str, int, int]]) -> Iterator[tuple[int, int]]:
    """From the start of each token (of the file) to the start of the next."""
    before = 0
    for _, start, _ in raw:
        yield before, start
        before = start


def _raw(data: bytes) -> Iterator[tuple[str, int, int]]:
    at = 0
    while at < len(data):
        found = _TOKEN.match(data, at)
        if found is None:
            return
        kind, end = found.lastgroup or "sign", found.end()
        if kind == "comment":
            end = _comment_end(data, at)
        elif kind != "blank":
            yield ("text" if kind == "hashes" else kind), at, end
        at = end


def _comment_end(data: bytes, start: int) -> int:
    """Where the block comment at `start` ends; comments nest. One that never ends takes the rest."""
    depth, at = 0, start
    while at < len(data):
        if data.startswith(b"/*", at):
            depth, at = depth + 1, at + 2
        elif data.startswith(b"*/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            at += 1
    return len(data)


def index_at(tokens: Sequence[Token], offset: int) -> int:
    """The index of the first token that ends after the byte; their count where there is none."""
    low, high = 0, len(tokens)
    while low < high:
        middle = (low + high) // 2
        if tokens[middle].end <= offset:
            low = middle + 1
        else:
            high = middle
    return low
