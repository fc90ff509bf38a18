"""Diagnostics for people, like rustc's, and for machines: JSON objects and SARIF 2.1.0.

Pure: nothing is printed here. A terminal colours what `segments` gives; `render_plain` is the same without colours.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias
from unicodedata import category, east_asian_width

from tars.core.values import Diagnostic, Json, Severity, Span

Style: TypeAlias = Literal["plain", "error", "warning", "note", "message", "frame", "related", "hint"]
Segment: TypeAlias = tuple[str, Style]
"""A piece of text, newlines included, and what it is."""

TAB_COLUMNS: Final = 4
EXCERPT_COLUMNS: Final = 160
"""Longer source lines are cut around the place that is shown."""
COUNTED_CHARACTERS_MIN: Final = 1024
"""A shorter stretch of a text is counted again rather than remembered."""


class Position(NamedTuple):
    """Line and column, both counted from 1; a column is a character (a Unicode code point)."""

    line: int
    column: int


class Counted(NamedTuple):
    """How many lines end before a place in a text."""

    offset: int
    ends: int


class Lines:
    """The lines of one text. They are counted up to the places that are asked for, each stretch once, and not kept:
    a text may be millions of empty lines."""

    __slots__ = ("_counted", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._counted = [Counted(0, 0)]

    def position(self, offset: int) -> Position:
        offset = min(max(offset, 0), len(self.text))
        index = bisect_right(self._counted, offset, key=lambda counted: counted.offset)
        before = self._counted[index - 1]
        ends = before.ends + self.text.count("\n", before.offset, offset)
        if offset - before.offset > COUNTED_CHARACTERS_MIN:
            self._counted.insert(index, Counted(offset, ends))
        return Position(ends + 1, offset - self._start(offset) + 1)

    def line_at(self, offset: int) -> str:
        """The text of the line that holds the place, without its end."""
        end = self.text.find("\n", offset)
        return self.text[self._start(offset) : end if end >= 0 else len(self.text)].rstrip("\r")

    def _start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1


def render_plain(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> str:
    """All diagnostics as text, each with the source line and the place underlined, a blank line between."""
    lines = _lines(texts)
    return "\n".join("".join(text for text, _ in _segments(each, lines)) for each in diagnostics)


def segments(diagnostic: Diagnostic, texts: Mapping[str, str]) -> tuple[Segment, ...]:
    """One diagnostic as pieces with a style each, ending with a newline."""
    return tuple(_segments(diagnostic, _lines(texts)))


def _lines(texts: Mapping[str, str]) -> Mapping[str, Lines]:
    class Made(dict[str, Lines]):
        def __missing__(self, path: str) -> Lines:
            made = self[path] = Lines(texts.get(path, ""))
            return made

    return Made()


def _segments(diagnostic: Diagnostic, lines: Mapping[str, Lines]) -> Iterator[Segment]:
    severity = diagnostic.severity
    style: Style = "error" if severity is Severity.ERROR else "warning" if severity is Severity.WARNING else "note"
    yield f"{severity.value}[{diagnostic.code}]", style
    yield f": {printable(diagnostic.message)}\n", "message"
    places = [(diagnostic.span, "", style)] if diagnostic.span else []
    places += [(related.span, related.message, "related") for related in diagnostic.related]
    numbers = [lines[span.path].position(span.start).line for span, _, _ in places]
    margin = len(str(max(numbers, default=1)))
    shown = ""
    for (span, message, mark), number in zip(places, numbers, strict=True):
        text = lines[span.path]
        at = f"{span.path}:{number}:{text.position(span.start).column}"
        yield f"{' ' * margin}{'-->' if not shown else ':::'} ", "frame"
        yield f"{printable(at)}\n", "plain"
        shown = span.path
        if text.text:
            yield from _excerpt(span, text, number, margin, message, mark)
    if diagnostic.hint:
        yield f"{' ' * margin} = ", "frame"
        yield "hint", "hint"
        yield f": {printable(diagnostic.hint)}\n", "plain"


def _excerpt(span: Span, text: Lines, number: int, margin: int, message: str, mark: Style) -> Iterator[Segment]:
    source = text.line_at(span.start)
    start = text.position(span.start).column - 1
    end = min(len(source), max(start + 1, start + span.end - span.start))
    cut = 0
    if len(source) > EXCERPT_COLUMNS:
        cut = max(0, start - EXCERPT_COLUMNS // 4)
        source = source[cut : cut + EXCERPT_COLUMNS]
        start, end = start - cut, min(end - cut, len(source))
    before, _ = _columns(source[:start], 0)
    width = max(1, _columns(source[start:end], before)[0] - before)
    yield f"{' ' * margin} |\n{number:>{margin}} | ", "frame"
    yield f"{_columns(source, 0)[1]}\n", "plain"
    yield f"{' ' * margin} | ", "frame"
    yield f"{' ' * before}{'^' * width if mark != 'related' else '-' * width}", mark
    yield f" {printable(message)}\n" if message else "\n", mark


def _columns(text: str, column: int) -> tuple[int, str]:
    """The column of a terminal after the text, and the text as it is shown: tabs as blanks, controls as `�`."""
    if text.isascii() and text.isprintable():
        return column + len(text), text
    made = []
    for character in text:
        if character == "\t":
            blanks = TAB_COLUMNS - column % TAB_COLUMNS
            made.append(" " * blanks)
            column += blanks
            continue
        kind = category(character)
        if kind in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            character = "\ufffd"
        made.append(character)
        column += 0 if kind in ("Mn", "Me") else 2 if east_asian_width(character) in "WF" else 1
    return column, "".join(made)


def printable(text: str) -> str:
    """The text on one line, without what could steer a terminal: a file's name or content may hold anything."""
    return text if text.isprintable() else "".join(part if part.isprintable() else "\ufffd" for part in text)


def to_json(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> list[Json]:
    """One object each. `line` and `column` count from 1; `start` and `end` are offsets in characters from 0."""
    lines = _lines(texts)
    return [_object(each, lines) for each in diagnostics]


def _object(diagnostic: Diagnostic, lines: Mapping[str, Lines]) -> dict[str, Json]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "place": _place(diagnostic.span, lines) if diagnostic.span else None,
        "related": [{"message": each.message, "place": _place(each.span, lines)} for each in diagnostic.related],
        "fix": [{"text": edit.text, "place": _place(edit.span, lines)} for edit in diagnostic.fix],
    }


def _place(span: Span, lines: Mapping[str, Lines]) -> dict[str, Json]:
    start, end = lines[span.path].position(span.start), lines[span.path].position(span.end)
    return {
        "path": span.path,
        "start": span.start,
        "end": span.end,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    }


def to_sarif(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str], *, version: str = "") -> dict[str, Json]:
    """A SARIF 2.1.0 log with one run, whose rules are the codes that occur."""
    from tars.lang.checks import find  # noqa: PLC0415 - reads check files, and only SARIF needs their titles

    lines = _lines(texts)
    found = list(diagnostics)
    codes = sorted({each.code for each in found})
    rules: list[Json] = []
    for code in codes:
        check = find(code)
        title = check.title if check else code
        help_text = check.explanation if check else title
        rules.append({"id": code, "shortDescription": {"text": title}, "fullDescription": {"text": help_text}})
    driver: dict[str, Json] = {"name": "tarscli", "rules": rules}
    if version:
        driver["version"] = version
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, codes, lines) for each in found],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _result(diagnostic: Diagnostic, codes: list[str], lines: Mapping[str, Lines]) -> dict[str, Json]:
    hint = f" Hint: {diagnostic.hint}" if diagnostic.hint else ""
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity.value,
        "message": {"text": f"{diagnostic.message}.{hint}"},
        "locations": [{"physicalLocation": _location(diagnostic.span, lines)}] if diagnostic.span else [],
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {"physicalLocation": _location(each.span, lines), "message": {"text": each.message}}
            for each in diagnostic.related
        ]
    if diagnostic.fix:
        changes: dict[str, list[Json]] = {}
        for edit in diagnostic.fix:
            region = _location(edit.span, lines)["region"]
            changes.setdefault(edit.span.path, []).append(
                {"deletedRegion": region, "insertedContent": {"text": edit.text}}
            )
        result["fixes"] = [
            {
                "artifactChanges": [
                    {"artifactLocation": {"uri": _uri(path)}, "replacements": replacements}
                    for path, replacements in changes.items()
                ]
            }
        ]
    return result


def _location(span: Span, lines: Mapping[str, Lines]) -> dict[str, Json]:
    start, end = lines[span.path].position(span.start), lines[span.path].position(span.end)
    return {
        "artifactLocation": {"uri": _uri(span.path)},
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
            "charOffset": span.start,
            "charLength": span.end - span.start,
        },
    }


def _uri(path: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - only SARIF needs it

    return quote(path)
