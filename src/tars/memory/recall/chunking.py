"""Cuts a text file into passages that mean something alone: code by symbol, Markdown by heading, the rest by lines.

Passages are whole lines, in order, so that each can be cited as lines of its file; together they hold every line that
is not blank.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from tars.memory.recall.symbols import LANGUAGES, symbols

LINES_MAX: Final = 60
"""A longer passage is cut, where it can be at a blank line."""
CHARACTERS_MAX: Final = 4_000
_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})")


class Section(NamedTuple):
    """The lines `first` to `last` of a text, from 1, inclusive; `title` is a symbol or a path of headings."""

    title: str
    first: int
    last: int


def language_of(path: str) -> str:
    """`markdown`, a programming language that is cut by symbol, or `text`."""
    suffix = PurePosixPath(path).suffix.lower()
    return "markdown" if suffix in (".md", ".markdown") else LANGUAGES.get(suffix, "text")


def sections(path: str, lines: Sequence[str]) -> list[Section]:
    """The passages of a file with these lines. Code whose grammar is not installed is cut by lines."""
    language = language_of(path)
    if language == "markdown":
        found = list(_headed(lines))
    elif language != "text":
        found = [Section(*symbol) for symbol in symbols(language, "".join(lines), len(lines))]
    else:
        found = [Section("", 1, len(lines))]
    return [part for section in found for part in _cut(section, lines)]


def _headed(lines: Sequence[str]) -> Iterator[Section]:
    """Each heading with what stands below it, titled with all headings above it."""
    above: list[tuple[int, str]] = []
    first, title, fence = 1, "", ""
    for number, line in enumerate(lines, 1):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1][:3]
        heading = None if fence else _HEADING.match(line)
        if heading:
            if number > first:
                yield Section(title, first, number - 1)
            level = len(heading[1])
            above = [(depth, text) for depth, text in above if depth < level]
            above.append((level, heading[2]))
            first, title = number, " > ".join(text for _, text in above)
    yield Section(title, first, len(lines))


def _cut(section: Section, lines: Sequence[str]) -> Iterator[Section]:
    """The section without blank lines around it, in pieces that are not too long; none where it is blank."""
    title, first, last = section
    while first <= last and not lines[first - 1].strip():
        first += 1
    while last >= first and not lines[last - 1].strip():
        last -= 1
    while first <= last:
        end = _end(first, last, lines)
        yield Section(title, first, end)
        first = end + 1
        while first <= last and not lines[first - 1].strip():
            first += 1


def _end(first: int, last: int, lines: Sequence[str]) -> int:
    """The last line of a piece that begins at `first`: the blank line furthest down in the second half of what fits."""
    size, fits = 0, first
    for number in range(first, min(last, first + LINES_MAX - 1) + 1):
        size += len(lines[number - 1])
        if size > CHARACTERS_MAX and number > first:
            break
        fits = number
    if fits == last:
        return last
    half = (first + fits) // 2
    blank = next((number for number in range(fits, half, -1) if not lines[number - 1].strip()), 0)
    end = blank - 1 if blank else fits
    while end > first and not lines[end - 1].strip():
        end -= 1
    return end
