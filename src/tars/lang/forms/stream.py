"""The tokens of a valid file with its comments and newlines: what the formatter lays out anew, losing nothing."""

import re
from enum import IntEnum
from typing import Final, NamedTuple

from tars.lang.syntax.expressions import expression
from tars.lang.syntax.faults import Source
from tars.lang.syntax.templates import heredoc, quoted
from tars.lang.syntax.tokens import INLINE_COMMENT, NAME_PATTERN, NUMBER_PATTERN


class Kind(IntEnum):
    WORD = 1
    """A name, a number or a whole quoted string."""
    HEREDOC = 2
    MARK = 3
    LINE_COMMENT = 4
    INLINE_COMMENT = 5
    NEWLINE = 6


COMMENTS: Final = frozenset({Kind.LINE_COMMENT, Kind.INLINE_COMMENT})


class Token(NamedTuple):
    kind: Kind
    start: int
    text: str


_TOKEN: Final = re.compile(
    rf"""[ \t\r\ufeff]*+(?:
  ({NAME_PATTERN}|{NUMBER_PATTERN})
| (<<-?{NAME_PATTERN}[ \t]*\r?\n)
| (&&|\|\||==|!=|<=|>=|=>|\.\.\.|::|[-+*%<>=,.()\[\]{{}}?:!]|/(?![*/]))
| ((?:\#|//)[^\n]*)
| ({INLINE_COMMENT})
| (\n)
| (")
| (\Z)
)""",
    re.VERBOSE,
)
_QUOTE: Final = 7
_END: Final = 8
_KINDS: Final = {kind.value: kind for kind in Kind}


def stream(text: str) -> list[Token]:
    """All tokens of a text that parses without errors; joined by blanks they are the text again."""
    tokens: list[Token] = []
    source = Source(text, "")
    at = 0
    while True:
        match = _TOKEN.match(text, at)
        assert match is not None, text[at : at + 40]
        kind = match.lastindex or _END
        start = match.start(kind)
        at = match.end()
        if kind == _END:
            return tokens
        if kind == _QUOTE:
            at = quoted(source, start, 1, expression)[1]
            tokens.append(Token(Kind.WORD, start, text[start:at]))
        elif kind == Kind.HEREDOC:
            at = heredoc(source, start, at, 1, expression)[1]
            tokens.append(Token(Kind.HEREDOC, start, text[start:at]))
        else:
            tokens.append(Token(_KINDS[kind], start, match[kind]))
