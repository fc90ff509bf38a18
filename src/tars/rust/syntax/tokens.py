"""The tokens of Rust files, also of files that no parser can read; blanks and comments are left out, but for lines of
documentation, which may hold tests."""

import re
from collections import Counter
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
    found: Counter[bytes] = Counter()
    at = 0
    while at < len(data) and (match := _TOKEN.match(data, at)) is not None:
        at = match.end()
        kind = match.lastgroup
        if kind == "comment":
            at = _comment_end(data, at)
        elif kind == "open":
            at = match.start() + 1
        elif kind != "skip":
            found[match.group()] += 1
    return found


def _comment_end(data: bytes, at: int) -> int:
    """Behind the comment that begins before `at`; comments nest."""
    depth = 1
    for edge in _EDGE.finditer(data, at):
        depth += 1 if edge.group() == b"/*" else -1
        if not depth:
            return edge.end()
    return len(data)
