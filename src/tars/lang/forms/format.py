"""Formats a metascript: indentation by two, `=` aligned in runs of lines, one blank between tokens, canonical names.

Tokens are laid out, never made up: comments stay where they are, and the meaning is unchanged.
"""

from itertools import takewhile

from tars.core.errors import InputError
from tars.lang.forms.layout import Line, indented, is_blank, split, written
from tars.lang.forms.marks import Marks, marks
from tars.lang.forms.stream import COMMENTS, Kind, Token, stream
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import File


def format_text(text: str, path: str = "<text>") -> str:
    """The text in canonical form. Raises `InputError` with the diagnostics when it has syntax errors: a file that
    cannot be read to its end is not touched."""
    return format_file(parse(text, path))


def format_file(file: File) -> str:
    """The file's text in canonical form; see `format_text`."""
    if file.diagnostics:
        count = len(file.diagnostics)
        message = f"{file.path} has {count} syntax error{'s' if count > 1 else ''} and was not formatted"
        raise InputError(message, file.diagnostics, hint="mend them first")
    tokens = stream(file.text)
    found = marks(file, tokens)
    lines = [_line(line, found) for line in split(_broken(tokens, found))]
    indented(lines)
    _aligned(lines)
    return written(_without_empty(lines))


def _broken(tokens: list[Token], found: Marks) -> list[Token]:
    """The tokens with the newlines put in that break one-line blocks, and with other spellings replaced."""
    out: list[Token] = []
    for token in tokens:
        place = token.start
        if place in found.break_before and out and out[-1].kind is not Kind.NEWLINE:
            out.append(Token(Kind.NEWLINE, place, "\n"))
        if place in found.wrap_before:
            out.append(Token(Kind.MARK, -1, "["))
        replaced = found.replace.get(place)
        out.append(token if replaced is None else token._replace(text=replaced))
        if place in found.wrap_after:
            out.append(Token(Kind.MARK, -1, "]"))
        if place in found.break_after:
            out.append(Token(Kind.NEWLINE, place, "\n"))
    return _without_doubled(out, found)


def _without_doubled(tokens: list[Token], found: Marks) -> list[Token]:
    """Without the newlines that were there already where one was put in."""
    out: list[Token] = []
    for token in tokens:
        put_in = len(out) > 1 and out[-1].kind is Kind.NEWLINE and out[-2].start in found.break_after
        if not (token.kind is Kind.NEWLINE and put_in):
            out.append(token)
    return out


def _line(tokens: list[Token], found: Marks) -> Line:
    """One line: its text in two halves, before and from the `=` where it is one that may be aligned."""
    texts: list[str] = []
    width_equals = -1
    for index, token in enumerate(tokens):
        if index and _spaced(tokens[index - 1], token, found):
            texts.append(" ")
        if token.start in found.equals and width_equals < 0 and tokens[0].start == found.equals[token.start]:
            width_equals = len("".join(texts).rstrip(" "))
        texts.append(_clean(token))
    text = "".join(texts)
    aligned = width_equals >= 0 and "\n" not in text and _holds_all(tokens, found)
    brackets = [token.text for token in tokens if token.kind is Kind.MARK and token.text in "()[]{}"]
    leading = len(list(takewhile(_is_closing, tokens))) if brackets else 0
    return Line(text, brackets, width_equals if aligned else -1, leading)


def _is_closing(token: Token) -> bool:
    return token.kind is Kind.MARK and token.text in ")]}"


def _holds_all(tokens: list[Token], found: Marks) -> bool:
    """Whether the line holds the whole attribute that it begins with, and no other on the same level."""
    end = found.ends[tokens[0].start]
    after = [token for token in tokens if token.start >= end and token.kind not in COMMENTS]
    reaches = any(token.start + len(token.text) >= end for token in reversed(tokens))
    return reaches and all(token.text == "," for token in after) and len(after) <= 1


def _clean(token: Token) -> str:
    if token.kind is Kind.HEREDOC or token.kind in COMMENTS:
        text = token.text.replace("\r\n", "\n")
        return text.rstrip() if token.kind is Kind.LINE_COMMENT else text
    return token.text


def _spaced(before: Token, token: Token, found: Marks) -> bool:
    """Whether a blank stands between two neighbours on a line."""
    if before.kind in COMMENTS or token.kind in COMMENTS or token.start in found.apart:
        return True
    first = before.text if before.kind is Kind.MARK else ""
    second = token.text if token.kind is Kind.MARK else ""
    if before.start in found.signs or token.start in found.tight or second in {",", ".", "...", ")", "]", "::"}:
        return False
    if first == "{" and second == "}":
        return False
    return first not in {"(", "[", ".", "::"}


def _aligned(lines: list[Line]) -> None:
    """Align the `=` of attributes on neighbouring lines of the same indentation."""
    run: list[Line] = []
    for line in [*lines, Line("", [], -1)]:
        if line.equals >= 0 and (not run or run[-1].indent == line.indent):
            run.append(line)
            continue
        _align(run)
        run = [line] if line.equals >= 0 else []


def _align(run: list[Line]) -> None:
    width = max((line.equals for line in run), default=0)
    for line in run:
        line.text = line.text[: line.equals] + " " * (width - line.equals) + line.text[line.equals :]


def _without_empty(lines: list[Line]) -> list[Line]:
    """Without the empty lines at the ends of the file and of bodies, and with at most one between others."""
    out: list[Line] = []
    for line in lines:
        if is_blank(line) and (not out or is_blank(out[-1]) or out[-1].text.endswith(("{", "[", "("))):
            if out and not is_blank(out[-1]) and _ends_in_comment(out[-1]):
                out.append(line)
            continue
        if line.leading and out and is_blank(out[-1]):
            out.pop()
        out.append(line)
    while out and is_blank(out[-1]):
        out.pop()
    return out


def _ends_in_comment(line: Line) -> bool:
    return not line.brackets or line.text[-1] != line.brackets[-1]
