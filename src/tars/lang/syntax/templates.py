"""Reads quoted strings and heredocs: literal text, escapes, `${…}`, `%{…}`, strip marks and indentation."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from tars.lang.syntax.brackets import Read, for_names
from tars.lang.syntax.faults import FaultError, Source, describe
from tars.lang.syntax.tokens import MARK, NAME, SCAN_WIDE, plain
from tars.lang.syntax.tree import Expression, Interpolation, Literal, Part, Template, TemplateFor, TemplateIf

_QUOTED: Final = re.compile(r'(?:[^"\\$%\r\n]+|\\[^\r\n]|\$\$\{|%%\{|[$%](?!\{))*+').match
_LINE: Final = re.compile(r"(?:[^$%\n]+|\$\$\{|%%\{|[$%](?!\{))*+\n?").match
_WHOLE: Final = re.compile(r"(?:[^$%]+|\$\$\{|%%\{|[$%](?!\{))*+").match
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))|\$\$\{|%%\{", re.DOTALL)
_Matcher: TypeAlias = Callable[[str, int, int], re.Match[str] | None]
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class _Text(NamedTuple):
    start: int
    end: int
    value: str


class _If(NamedTuple):
    start: int
    end: int
    strip: tuple[bool, bool]
    condition: Expression


class _For(NamedTuple):
    start: int
    end: int
    strip: tuple[bool, bool]
    names: tuple[str, str]
    collection: Expression


class _Word(NamedTuple):
    """`%{ else }`, `%{ endif }` or `%{ endfor }`."""

    start: int
    end: int
    strip: tuple[bool, bool]
    word: str


_Piece: TypeAlias = _Text | Interpolation | _If | _For | _Word


def quoted(source: Source, start: int, depth: int, read: Read) -> Expression:
    """The string whose opening quote is at `start`."""
    text = source.text
    pieces: list[_Piece] = []
    at = start + 1
    while True:
        match = _QUOTED(text, at)
        assert match is not None
        if match.end() > at:
            pieces.append(_Text(at, match.end(), _unescape(source, at, match.end())))
            at = match.end()
        following = text[at : at + 1]
        if following == '"':
            break
        if following not in {"$", "%"}:
            raise _unterminated(text, start, at)
        piece = _sequence(source, at, depth, read)
        pieces.append(piece)
        at = piece[1]
    return _built(source, start, at + 1, pieces)


def _unterminated(text: str, start: int, at: int) -> FaultError:
    """The error for a string that is not closed on its line, which ends at `at`. It is safe to close it there unless
    the next line holds the other quote."""
    end = text.find("\n", at + 1)
    goes_on = text.count('"', at, end if end != -1 else len(text)) % 2
    fix = () if goes_on else ((at, at, '"'),)
    hint = 'end it with `"`; a text of several lines is a heredoc: `<<EOT`'
    return FaultError("T0007", "this string is never closed on its line", start, at, hint, fix=fix)


def heredoc(source: Source, start: int, content: int, depth: int, read: Read) -> Expression:
    """The heredoc whose `<<` is at `start` and whose first line is at `content`."""
    text = source.text
    marker = text[start + 2 : content].strip()
    flush = marker.startswith("-")
    marker = marker.removeprefix("-")
    closing = _closing_line(marker)(text, content)
    if closing is None:
        hint = f"end it with a line that holds only `{marker}`"
        raise FaultError("T0015", f"the heredoc `{marker}` is never closed", start, content - 1, hint)
    stop = closing.start()
    pieces = _raw(source, _LINE, content, stop, depth, read)
    if flush:
        pieces = _dedented(pieces)
    return _built(source, start, closing.end("marker"), pieces)


def raw_template(source: Source, depth: int, read: Read) -> Expression:
    """The whole text as a template without quotes and backslash escapes."""
    end = len(source.text)
    return _built(source, 0, end, _raw(source, _WHOLE, 0, end, depth, read))


def _raw(source: Source, literal: _Matcher, at: int, stop: int, depth: int, read: Read) -> list[_Piece]:
    """The pieces of a text without backslash escapes; `literal` says how far one literal text reaches."""
    text = source.text
    pieces: list[_Piece] = []
    while at < stop:
        match = literal(text, at, stop)
        assert match is not None
        if match.end() > at:
            value = match[0].replace("$${", "${").replace("%%{", "%{")
            if literal is _LINE:
                value = value.replace("\r\n", "\n")  # how the file ends its lines is not part of a heredoc's text
            pieces.append(_Text(at, match.end(), value))
            at = match.end()
            continue
        piece = _sequence(source, at, depth, read)
        if piece[1] > stop:
            raise FaultError(
                "T0017", "this sequence is not closed in the text it began in", at, at + 2, "close it with `}`"
            )
        pieces.append(piece)
        at = piece[1]
    return pieces


@lru_cache(maxsize=64)
def _closing_line(marker: str) -> "Callable[[str, int], re.Match[str] | None]":
    return re.compile(rf"^[ \t]*(?P<marker>{re.escape(marker)})[ \t\r]*$", re.MULTILINE).search


def _unescape(source: Source, start: int, end: int) -> str:
    text = source.text
    raw = text[start:end]
    if "\\" not in raw and "{" not in raw:
        return raw

    def decoded(match: re.Match[str]) -> str:
        word = match[0]
        if word[0] != "\\":
            return word[1:]
        if match[3] is None:
            code = int(word[2:], 16)
            if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                return chr(code)
        elif match[3] in _ESCAPED:
            return _ESCAPED[match[3]]
        at = start + match.start()
        hint = r"the escapes are `\n`, `\r`, `\t`, `\"`, `\\`, `\uNNNN` and `\UNNNNNNNN`; a plain backslash is `\\`"
        message = f"`{word if word.isprintable() else word[:1]}` is not an escape sequence"
        fix = ((at, at, "\\"),) if match[3] is not None else ()
        source.report(FaultError("T0014", message, at, at + len(word), hint, fix=fix))
        return word

    return _ESCAPE.sub(decoded, raw)


def _sequence(source: Source, start: int, depth: int, read: Read) -> _Piece:
    """The `${…}` or `%{…}` at `start`."""
    text = source.text
    at = start + 2
    strip_left = text.startswith("~", at)
    at += strip_left
    if text[start] == "$":
        expression = read(source, at, SCAN_WIDE, depth)
        end, strip_right = _sequence_end(source, start, expression[1])
        return Interpolation(start, end, expression, strip_left, strip_right)
    token = SCAN_WIDE(text, at)
    assert token is not None
    word = token[NAME]
    if word == "if":
        condition = read(source, token.end(), SCAN_WIDE, depth)
        end, strip_right = _sequence_end(source, start, condition[1])
        return _If(start, end, (strip_left, strip_right), condition)
    if word == "for":
        names, token = for_names(source, token.end())
        collection = read(source, token.end(), SCAN_WIDE, depth)
        end, strip_right = _sequence_end(source, start, collection[1])
        return _For(start, end, (strip_left, strip_right), names, collection)
    if word in {"else", "endif", "endfor"}:
        end, strip_right = _sequence_end(source, start, token.end())
        return _Word(start, end, (strip_left, strip_right), word)
    found = describe(text, *token.span(token.lastindex or 0))
    hint = "there are `if`, `else`, `endif`, `for … in …` and `endfor`; a plain `%{` is written `%%{`"
    raise FaultError("T0018", f"there is no template directive {found}", start, token.end(), hint)


def _sequence_end(source: Source, start: int, at: int) -> tuple[int, bool]:
    text = source.text
    token = SCAN_WIDE(text, at)
    assert token is not None
    strip = token[MARK] == "~"
    if strip:
        token = SCAN_WIDE(text, token.end())
        assert token is not None
    if token[MARK] != "}":
        found = describe(text, *token.span(token.lastindex or 0))
        related = ((start, start + 2, f"`{text[start : start + 2]}` opened here"),)
        message = f"expected `}}` at the end of this `{text[start : start + 2]}`, found {found}"
        hint = f"close it with `}}`; a plain `{text[start : start + 2]}` is written `{text[start] * 2}{{`"
        raise FaultError("T0017", message, at, at, hint, related=related)
    return token.end(), strip


def _dedented(pieces: list[_Piece]) -> list[_Piece]:
    """Without the indentation that all lines share. Lines of blanks alone do not count, and keep theirs."""
    shared: int | None = None
    begins: list[int] = []
    line_start = True
    for index, piece in enumerate(pieces):
        if line_start:
            indent = 0
            if isinstance(piece, _Text):
                indent = len(piece.value) - len(piece.value.lstrip())
                if indent == len(piece.value) and piece.value.endswith("\n"):
                    continue
                begins.append(index)
            shared = indent if shared is None else min(shared, indent)
        line_start = isinstance(piece, _Text) and piece.value.endswith("\n")
    result = list(pieces)
    for index in begins if shared else ():
        piece = pieces[index]
        assert isinstance(piece, _Text)
        result[index] = piece._replace(value=piece.value[shared:])
    return result


def _stripped(pieces: list[_Piece]) -> list[_Piece]:
    """With the blanks taken away that `~` marks ask for: those in the literal text next to the mark."""
    result = list(pieces)
    for index, piece in enumerate(pieces):
        if isinstance(piece, _Text):
            continue
        left, right = (piece.strip_left, piece.strip_right) if isinstance(piece, Interpolation) else piece.strip
        if left and index and isinstance(before := result[index - 1], _Text):
            result[index - 1] = before._replace(value=before.value.rstrip())
        if right and index + 1 < len(result) and isinstance(after := result[index + 1], _Text):
            result[index + 1] = after._replace(value=after.value.lstrip())
    return result


def _built(source: Source, start: int, end: int, pieces: list[_Piece]) -> Expression:
    """The tree node of a template's pieces: a `Literal` when all of them are text."""
    texts = [piece.value for piece in pieces if isinstance(piece, _Text)]
    if len(texts) == len(pieces):
        return Literal(start, end, plain("".join(texts)))
    source.weight += len(pieces)
    return Template(start, end, _nested(source, _stripped(pieces)))


def _nested(source: Source, pieces: list[_Piece]) -> tuple[Part, ...]:
    """The pieces, with all between `%{ if … }` and `%{ endif }`, `%{ for … }` and `%{ endfor }` put inside them."""
    opened: list[tuple[_If | _For, _Word | None, list[Part]]] = []
    parts: list[Part] = []
    then: list[list[Part]] = []
    for piece in pieces:
        if isinstance(piece, _Text):
            _append_text(parts, piece.value)
        elif isinstance(piece, Interpolation):
            parts.append(piece)
        elif isinstance(piece, _If | _For):
            opened.append((piece, None, parts))
            parts = []
        elif not opened:
            raise _stray(piece, "nothing is open here")
        else:
            opener, other, outer = opened[-1]
            if piece.word == "else" and isinstance(opener, _If) and other is None:
                opened[-1] = (opener, piece, outer)
                then.append(parts)
                parts = []
            elif piece.word == "endif" and isinstance(opener, _If):
                opened.pop()
                first, second = (then.pop(), parts) if other else (parts, [])
                outer.append(TemplateIf(opener.start, piece.end, opener.condition, tuple(first), tuple(second)))
                parts = outer
            elif piece.word == "endfor" and isinstance(opener, _For):
                opened.pop()
                outer.append(TemplateFor(opener.start, piece.end, *opener.names, opener.collection, tuple(parts)))
                parts = outer
            else:
                raise _stray(piece, f"`%{{ {'if' if isinstance(opener, _If) else 'for'} }}` is open here")
    if opened:
        opener = opened[-1][0]
        word = "if" if isinstance(opener, _If) else "for"
        hint = f"end it with `%{{ end{word} }}`"
        raise FaultError("T0018", f"this `%{{ {word} }}` is never ended", opener.start, opener.end, hint)
    return tuple(parts)


def _append_text(parts: list[Part], value: str) -> None:
    if parts and isinstance(parts[-1], str):
        value = parts.pop() + value  # type: ignore[operator]
    if value:
        parts.append(plain(value))


def _stray(piece: _Word, state: str) -> FaultError:
    hint = "`else` and `endif` belong to `%{ if … }`, `endfor` to `%{ for … in … }`"
    return FaultError("T0018", f"`%{{ {piece.word} }}` does not fit: {state}", piece.start, piece.end, hint)
