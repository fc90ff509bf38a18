"""The lexer: one regular expression that matches blanks and a token, in two forms that differ in what a newline is.

`SCAN` stops at a newline, `SCAN_WIDE` (inside brackets) takes it for a blank. The parser calls them where it stands, so
no list of tokens is made; `tokens` makes one for the formatter, with comments, so that nothing of the text is lost.
"""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

Scan: TypeAlias = Callable[[str, int], "re.Match[str] | None"]
"""Matches blanks and one token at a place in a text. It always matches; `lastindex` is the token's kind."""

NAME: Final = 1
STRING: Final = 2
"""A quoted string without escapes or template sequences."""
NUMBER: Final = 3
NEWLINE: Final = 4
"""A newline, with the line comment before it."""
HEREDOC: Final = 5
"""`<<MARKER` or `<<-MARKER` with its newline."""
OPERATOR: Final = 6
"""A binary operator; `-` is also a unary one."""
MARK: Final = 7
"""Any other punctuation."""
QUOTE: Final = 8
"""The quote that opens a string with escapes or template sequences, or one that is never closed."""
OPEN_COMMENT: Final = 9
"""`/*` without its `*/`."""
END: Final = 10
OTHER: Final = 11
"""A character that begins no token."""

NAME_PATTERN: Final = r"[^\x00-@\[-^`{-\x7f][^\x00-,./:-@\[-^`{-\x7f]*"
"""Letters and digits of ASCII, `_`, `-`, and any character beyond ASCII, which `is_name` judges. It is written as what
is left out, because a set of a million characters takes long to compile."""
NUMBER_PATTERN: Final = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
INLINE_COMMENT: Final = r"/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*+/"
LINE_COMMENT: Final = r"(?:\#|//)[^\n]*"
_PLAIN = r'[^"\\$%\r\n]*'
_TOKEN = rf"""(?:
  ({NAME_PATTERN})
| ("{_PLAIN}")
| ({NUMBER_PATTERN})
| ((?:{LINE_COMMENT})?\n|{LINE_COMMENT})
| (<<-?{NAME_PATTERN}[ \t]*\r?\n)
| (&&|\|\||==|!=|<=|>=|[-+*%]|/(?![*/])|<(?!<)|>)
| (=>|\.\.\.|::|[=,.()\[\]{{}}?:!~])
| (")
| (/\*)
| (\Z)
| ([\s\S])
)"""

SCAN: Final = re.compile(rf"(?:[ \t\r]+|{INLINE_COMMENT})*+{_TOKEN}", re.VERBOSE).match
SCAN_WIDE: Final = re.compile(rf"(?:[ \t\r\n]+|{INLINE_COMMENT}|{LINE_COMMENT})*+{_TOKEN}", re.VERBOSE).match

PLAIN_LIST: Final = re.compile(rf'\[[ \t]*"{_PLAIN}"(?:,[ \t]*"{_PLAIN}")*+[ \t]*\]').match
"""A list of strings in its usual spelling, on one line."""
PLAIN_STRING: Final = re.compile(rf'"{_PLAIN}"').finditer

STATEMENT: Final = re.compile(
    rf"""(?:[ \t\r\n]+|{INLINE_COMMENT}|{LINE_COMMENT})*+(?:
  ([A-Za-z_][A-Za-z0-9_-]*)[ \t]*=(?![=>])[ \t]*
    (?:(?:"({_PLAIN})"|(true|false|null)|([0-9]{{1,15}}))[ \t\r]*(?=\n|\#|//))?
| ([A-Za-z_][A-Za-z0-9_-]*)(?:[ \t]+(?:"({_PLAIN})"|([A-Za-z_][A-Za-z0-9_-]*)))?[ \t]*(\{{)[ \t\r]*(?=\n|\#|//)
| (\}})[ \t\r]*(?=\n|\Z|\#|//)
| (\Z)
| ()
)""",
    re.VERBOSE,
).match
"""The usual statements in one step: `lastindex` tells which, and `ODD_STATEMENT` leaves it to the slow path."""
ATTRIBUTE: Final = 1
ATTRIBUTE_STRING: Final = 2
ATTRIBUTE_WORD: Final = 3
ATTRIBUTE_INTEGER: Final = 4
HEADER: Final = 8
CLOSE: Final = 9
END_OF_FILE: Final = 10
ODD_STATEMENT: Final = 11


def is_name(word: str) -> bool:
    """Whether the word is an identifier of HCL: one of Unicode (UAX 31), with `-` also allowed inside."""
    return word[:1] != "-" and word.replace("-", "_").isidentifier()


def plain(value: str) -> str:
    """A literal string's value: in Unicode's normal form C, as the information model of HCL asks."""
    if value.isascii():
        return value
    from unicodedata import normalize  # a large table, which most files never need  # noqa: PLC0415

    return normalize("NFC", value)
