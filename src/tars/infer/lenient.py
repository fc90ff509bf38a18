"""Reads JSON as models write it: with comments, single quotes, trailing commas, Python's words and broken lines.

What it cannot know it does not guess: a string that never ends, a value that is missing, or two values where one
belongs, is an error with its place. Nothing here ever evaluates anything.
"""

import re
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Json

DEPTH_MAX: Final = 64
MENDS_MAX: Final = 20
"""How many kinds of mends are told of one value; an answer of garbage could have as many as it has letters."""
_BLANK: Final = re.compile(r"(?:\s|\ufeff|\u200b|//[^\n]*|#[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER: Final = re.compile(r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WORD: Final = re.compile(r"[A-Za-z_$][\w$-]*")
_WORDS: Final[dict[str, Json]] = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None, "undefined": None,
}  # fmt: skip
_QUOTES: Final = {'"': '"', "'": "'", "`": "`", "“": "”", "”": "”", "‘": "’"}
_PLAIN: Final = {closing: re.compile(rf"[^\\{closing}]*") for closing in {*_QUOTES.values()}}
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_FOUR: Final = re.compile(r"[0-9a-fA-F]{4}")
_TWO: Final = re.compile(r"[0-9a-fA-F]{2}")
_LOW: Final = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", "\n": ""}
_DIGITS_MAX: Final = 400


class MalformedError(Exception):
    """The text is no JSON, not even a model's: why, at which character, and whether it is `cut`: it ends too early."""

    def __init__(self, reason: str, at: int, *, cut: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
        self.cut = cut


class Lenient(Prefab):
    """Reads one value from `text`. `mends` says what was taken for something else than it strictly is."""

    text: str
    at: int = 0
    mends: list[str] = attribute(default_factory=list)

    def value(self, depth: int = 0) -> Json:
        """The value that begins at `at`, which is then behind it. Raises `MalformedError`."""
        if depth > DEPTH_MAX:
            raise MalformedError(f"more than {DEPTH_MAX} levels deep", self.at)
        self._blank()
        first = self.text[self.at : self.at + 1]
        if first == "{":
            return self._object(depth)
        if first == "[":
            return self._array(depth)
        if first in _QUOTES and first:
            return self._string()
        if number := _NUMBER.match(self.text, self.at):
            return self._number(number)
        if (word := _WORD.match(self.text, self.at)) and word[0] in _WORDS:
            self.at = word.end()
            if word[0] not in ("true", "false", "null"):
                self._mended(f"`{word[0]}`")
            return _WORDS[word[0]]
        raise MalformedError("a value is missing" if first else "it ends where a value belongs", self.at, cut=not first)

    def _object(self, depth: int) -> Json:
        found: dict[str, Json] = {}
        self.at += 1
        while not self._closes("}", bool(found)):
            key = self._key()
            self._blank()
            if self.text[self.at : self.at + 1] not in (":", "=") or self.at >= len(self.text):
                cut = self.at >= len(self.text)
                raise MalformedError(f"no `:` after the key {key[:40]!r}", self.at, cut=cut)
            if self.text[self.at] == "=":
                self._mended("`=` for `:`")
            self.at += 1
            if key in found:
                self._mended(f"the key {key!r} twice")
            found[key] = self.value(depth + 1)
        return found

    def _array(self, depth: int) -> Json:
        found: list[Json] = []
        self.at += 1
        while not self._closes("]", bool(found)):
            found.append(self.value(depth + 1))
        return found

    def _closes(self, bracket: str, filled: bool) -> bool:
        """Whether the container ends here; else `at` is at its next member, past the comma."""
        self._blank()
        comma = self.text.startswith(",", self.at)
        if comma:
            self.at += 1
            self._blank()
        here = self.text[self.at : self.at + 1]
        if here == bracket:
            self.at += 1
            if comma:
                self._mended("a comma before a bracket")
            return True
        if not here and filled and not comma:
            self._mended(f"no `{bracket}` at the end")
            return True
        if not here:
            raise MalformedError(f"it ends before `{bracket}`", self.at, cut=True)
        if here in ",}]":
            raise MalformedError(f"`{here}` where a value belongs", self.at)
        if comma and not filled:
            self._mended("a comma before the first value")
        if filled and not comma:
            self._mended("a missing comma")
        return False

    def _key(self) -> str:
        if self.text[self.at] in _QUOTES:
            return self._string()
        word = _WORD.match(self.text, self.at)
        if word is None:
            raise MalformedError("a key is missing", self.at)
        self.at = word.end()
        self._mended("a key without quotes")
        return word[0]

    def _string(self) -> str:
        start = self.at
        opening = self.text[start]
        if self.text.startswith(opening * 3, start) and opening in "\"'`":
            return self._long_string(opening * 3)
        closing = _QUOTES[opening]
        if opening != '"':
            self._mended(f"{opening} for quotes")
        parts: list[str] = []
        self.at += 1
        while True:
            plain = _PLAIN[closing].match(self.text, self.at)
            assert plain is not None
            parts.append(plain[0])
            if _CONTROL.search(plain[0]):
                self._mended("a control character in a string")
            self.at = plain.end()
            if self.at >= len(self.text):
                raise MalformedError("a string that never ends", start, cut=True)
            if self.text[self.at] == closing:
                self.at += 1
                return "".join(parts)
            parts.append(self._escape())

    def _long_string(self, quotes: str) -> str:
        end = self.text.find(quotes, self.at + 3)
        if end < 0:
            raise MalformedError("a string that never ends", self.at, cut=True)
        found = self.text[self.at + 3 : end]
        self.at = end + 3
        self._mended("three quotes")
        return found

    def _escape(self) -> str:
        start = self.at
        kind = self.text[start + 1 : start + 2]
        if kind == "u" and (code := _FOUR.match(self.text, start + 2)):
            self.at = code.end()
            return self._surrogates(int(code[0], 16))
        if kind == "x" and (code := _TWO.match(self.text, start + 2)):
            self.at = code.end()
            self._mended("`\\x`")
            return chr(int(code[0], 16))
        self.at += 2
        if kind in _QUOTES and kind:
            return kind
        if kind in _ESCAPES and kind:
            return _ESCAPES[kind]
        self._mended(f"`\\{kind}`")
        return f"\\{kind}"

    def _surrogates(self, high: int) -> str:
        """One character, or that of a pair; half of a pair alone is no character."""
        if 0xD800 <= high < 0xDC00 and (low := _LOW.match(self.text, self.at)):
            self.at = low.end()
            return chr(0x10000 + ((high - 0xD800) << 10) + int(low[1], 16) - 0xDC00)
        if 0xD800 <= high < 0xE000:
            self._mended("half a character")
            return "\ufffd"
        return chr(high)

    def _number(self, found: re.Match[str]) -> Json:
        if len(found[0]) > _DIGITS_MAX:
            raise MalformedError("a number too long", self.at)
        text = found[0].replace("_", "")
        if not re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", found[0]):
            self._mended(f"the number {found[0]}")
        number = float(text) if re.search(r"[.eE]", text) else int(text)
        if number in (float("inf"), float("-inf")):
            raise MalformedError("a number beyond all bounds", self.at)
        self.at = found.end()
        return number

    def _blank(self) -> None:
        blank = _BLANK.match(self.text, self.at)
        if blank:
            if blank[0].strip("\ufeff\u200b \t\r\n"):
                self._mended("a comment")
            self.at = blank.end()

    def _mended(self, what: str) -> None:
        if len(self.mends) < MENDS_MAX and what not in self.mends:
            self.mends.append(what)
