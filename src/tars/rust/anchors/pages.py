"""Reads the pages of the toolchain's documentation, mdBook's and rustdoc's: sections with their exact bytes.

Nothing is guessed about the markup beyond what both generators have written for years: `<main>`, headings and
`<section>`s with an `id`, `<pre>` for code. A page of another shape has one section, the whole of it.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.rust.anchors.text import one_line, words_of

_MAIN = re.compile(rb"<main>(.*)</main>", re.DOTALL)
_RUSTDOC = re.compile(rb'<section id="main-content"')
_MARK = re.compile(
    rb'<(?:h([1-6]) id="([^"]+)"([^>]*)>(?=(.*?)</h\1>)|section id="([^"]+)" class="([^"]*)"'
    rb'|div class="rule" id="([^"]+)")',
    re.DOTALL,
)
_FIRST_TITLE = re.compile(rb"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
_RUSTDOC_TITLE = re.compile(rb"<h1>(.*?)(?:<button.*?)?</h1>", re.DOTALL)
_HEADER = re.compile(rb'<h[34] class="code-header">(.*?)</h[34]>', re.DOTALL)
_OPENING = re.compile(rb'(?:<details class="toggle[^>]*><summary>\s*)$')
_REPEATED: Final = re.compile(
    rb'<h2 id="(?:deref-methods-|trait-implementations|(?:synthetic|blanket)-implementations|foreign-impls'
    rb"|implementors|synthetic-implementors|dyn-compatibility|aliased-type)"
)
"""The parts of rustdoc's pages that say again what other pages say; they can be cited, but are not searched."""
_MOVED = re.compile(rb'<meta http-equiv="refresh" content="0; *(?:url|URL)=([^"]*)"')
_HEAD_BYTES: Final = 1000
_RULE, _MEMBER = 7, 8
_MEMBER_DEPTH = 3


class Section(Prefab, frozen=True):
    """A part of a page: the bytes `[start, end)`. `fragment` is its `id`, empty for the page's own beginning.

    `level` is 1 for the page, 2 to 6 for headings, 7 for a rule of the Reference, 8 for a member of an item.
    """

    fragment: str
    title: str
    start: int
    end: int
    level: int


def sections_of(page: bytes, *, whole: bool = True) -> tuple[Section, ...]:
    """The sections of a page, in its order; none overlaps another, and none is without text.

    Without `whole` they end where rustdoc begins to repeat what other pages say. For what a fragment stands for with
    all below it, see `section_named`.
    """
    marks = _marks(page, whole=whole)
    ends = [mark.start for mark in marks[1:]] + [marks[0].end] if marks else []
    found: list[Section] = []
    for mark, end in zip(marks, ends, strict=True):
        inside = found[-1] if found else None
        if inside is not None and inside.level == _MEMBER and _MEMBER_DEPTH < mark.level < _RULE:
            found[-1] = Section(inside.fragment, inside.title, inside.start, end, inside.level)
            continue
        found.append(Section(mark.fragment, mark.title, mark.start, end, mark.level))
    return tuple(one for one in found if has_text(page, one))


def section_named(page: bytes, fragment: str) -> Section | None:
    """What `#fragment` stands for: a heading with all below it, a member with its documentation, a rule with its text.

    The empty fragment is the page's beginning: up to the first heading after some text; all of it where there is none.
    """
    marks = _marks(page)
    at = next((at for at, mark in enumerate(marks) if mark.fragment == fragment), None)
    if at is None:
        return None
    mark = marks[at]
    if mark.level == 1:
        later = (one.start for one in marks[at + 1 :] if one.level != _RULE)
        ends = (end for end in later if has_text(page, Section("", "", _after_title(page, mark), end, 1)))
    elif mark.level == _RULE and at + 1 < len(marks) and not has_text(page, _between(mark, marks[at + 1])):
        # The rule of a whole section stands directly above its heading.
        ends = (one.start for one in marks[at + 2 :] if one.level <= marks[at + 1].level)
    elif mark.level == _RULE:
        later = (one.start for one in marks[at + 1 :])
        ends = (end for end in later if has_text(page, Section("", "", mark.start, end, _RULE)))
    else:
        ends = (one.start for one in marks[at + 1 :] if _depth(one) <= _depth(mark))
    end = next(ends, marks[0].end)
    return Section(fragment, mark.title, mark.start, end, mark.level)


def has_text(page: bytes, section: Section) -> bool:
    """Whether the section says more than its title."""
    markup = page[section.start : section.end]
    if section.level == _RULE:
        markup = markup.partition(b"</div>")[2]
    elif markup.startswith(b"<h"):
        markup = markup.partition(b"</h")[2].partition(b">")[2]
    return bool(words_of(markup, 0, len(markup)).strip())


def heading_at(page: bytes, offset: int) -> tuple[str, str]:
    """Title and fragment of the part of a page that this byte belongs to."""
    marks = _marks(page)
    at = bisect_right([one.start for one in marks], offset) - 1
    mark = marks[max(at, 0)]
    return mark.title, mark.fragment


def moved_to(page: bytes) -> str:
    """Where a page that only redirects leads to; empty for every other page."""
    found = _MOVED.search(page, 0, _HEAD_BYTES)
    return found[1].decode("utf-8", "replace") if found else ""


class _Mark(Prefab, frozen=True):
    """Where a section begins; `end` is the page's content's end in the first, and unused in the others."""

    fragment: str
    title: str
    start: int
    level: int
    end: int = 0


def _marks(page: bytes, *, whole: bool = True) -> Sequence[_Mark]:
    if rustdoc := _RUSTDOC.search(page):
        return _rustdoc_marks(page, rustdoc.start(), whole)
    main = _MAIN.search(page)
    if main is None:
        return (_Mark("", "", 0, 1, end=len(page)),)
    start, end = main.span(1)
    named = _FIRST_TITLE.search(page, start, end)
    titles = {1: one_line(named[2]) if named else ""}
    marks = [_Mark("", titles[1], start, 1, end=end)]
    for found in _MARK.finditer(page, start, end):
        if found[7]:
            marks.append(_Mark(found[7].decode(), _join(titles), found.start(), _RULE))
        elif found[2]:
            level = int(found[1])
            name = one_line(found[4])
            titles = {above: title for above, title in titles.items() if above < level and title != name}
            titles[level] = name
            marks.append(_Mark(found[2].decode(), _join(titles), found.start(), level))
    return marks


def _rustdoc_marks(page: bytes, start: int, whole: bool) -> Sequence[_Mark]:
    end = page.find(b"</main>", start)
    end = len(page) if end < 0 else end
    if not whole and (repeated := _REPEATED.search(page, start, end)):
        end = repeated.start()
    named = _RUSTDOC_TITLE.search(page, start, end)
    title = one_line(named[1]) if named else ""
    marks = [_Mark("", title, start, 1, end=end)]
    for found in _MARK.finditer(page, start + 1, end):
        if found[5]:
            opening = _OPENING.search(page, max(start, found.start() - 80), found.start())
            at = opening.start() if opening else found.start()
            header = _HEADER.search(page, found.start(), min(end, found.start() + 4000))
            signature = one_line(header[1]) if header else found[5].decode()
            marks.append(_Mark(found[5].decode(), _join({1: title, 2: signature}), at, _MEMBER))
        elif found[2]:
            level = 2 if b"section-header" in found[3] else int(found[1])
            name = one_line(found[4]).strip("§")
            marks.append(_Mark(found[2].decode(), _join({1: title, 2: name}), found.start(), level))
    return marks


def _depth(mark: _Mark) -> int:
    """How far in a part stands: a member as far as a heading below that of its kind."""
    return _MEMBER_DEPTH if mark.level == _MEMBER else mark.level


def _join(titles: Mapping[int, str]) -> str:
    return " › ".join(title for title in titles.values() if title)


def _between(first: _Mark, second: _Mark) -> Section:
    return Section(first.fragment, first.title, first.start, second.start, first.level)


def _after_title(page: bytes, mark: _Mark) -> int:
    """Where a page's text begins, after its first heading."""
    heading = _FIRST_TITLE.search(page, mark.start)
    return heading.end() if heading else mark.start
