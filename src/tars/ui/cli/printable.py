"""Text from outside (agents' output, file names, messages) made safe to print on a terminal."""

import re

# Compiled when first used (`re` keeps them): most commands print nothing that needs them.
_ESCAPES = (
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement, clearing
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC: titles, links, clipboard
    r"|\x1b[ -/]*[0-~]?"  # every other escape sequence
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI in its one-byte form
)
_UNSAFE = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"


def printable(text: str) -> str:
    """`text` without terminal escape sequences, and with every other control character (and every character that
    reorders text) shown as an escape such as `\\x07`. Tabs and newlines stay."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_UNSAFE, _visible, re.sub(_ESCAPES, "", text, flags=re.DOTALL))


def one_line(text: str) -> str:
    """As `printable`, for what may be no more than a line, such as a file's name: line breaks are shown too."""
    return printable(text).replace("\n", "\\n")


def decoded(data: bytes) -> str:
    """Bytes that a program wrote as printable text: UTF-8 where it is, `\\x..` for the bytes that are not."""
    return printable(data.decode("utf-8", "backslashreplace"))


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` characters, its end replaced by `…` where it was longer."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
