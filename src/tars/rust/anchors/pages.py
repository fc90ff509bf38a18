"""Reads the pages of the toolchain's documentation, mdBook's and rustdoc's: sections and blocks with their exact bytes.

Nothing is guessed about the markup beyond what both generators have written for years: `<main>`, headings and
`<section>`s with an `id`, `<pre>` for code. A page of another shape has one section, the whole of it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final

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
_BLOCK = re.compile(
    rb'<div class="grammar-container">.*?</div>|<pre\b.*?</pre>|<(p|ul|ol|blockquote|table)\b[^>]*>.*?</\1>', re.DOTALL
)
_MARKED = re.compile(
    rb"^```([^\n]*)\n.*?^```$|^#[^\n]*$|^(?!```)\S[^\n]*(?:\n(?!```|#|\n)[^\n]*)*", re.DOTALL | re.MULTILINE
)
_CODE_CLASSES = re.compile(rb'<(?:code|pre) class="([^"]*)"')
_BORING = re.compile(r'<span class="boring">.*?</span>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BYTES_TAG = re.compile(rb"<[^>]*>")
_DRAWING = re.compile(rb"<svg.*?</svg>", re.DOTALL)
_LEFT_OUT = re.compile(
    r'<a class="(?:doc-anchor|rule-link|test-arrow|src)[^"]*".*?</a>|<button.*?</button>|<script.*?</script>'
    r'|<span class="rightside">.*?(?=<h[34])|<rustdoc-toolbar.*?</rustdoc-toolbar>|<svg.*?</svg>'
    r'|<div class="rustdoc-breadcrumbs">.*?</div>|<span class="sub-heading">.*?</a>\s*</span>'
    r'|<summary class="hideme">.*?</summary>',
    re.DOTALL,
)
_WHERE: Final = '<div class="where">'
_LIST = re.compile(r"<(/?)(ul|ol|li)\b[^>]*>(?:\s*<p>)?")
_TITLE_LINE = re.compile(rb'^\s*(?:<div class="rule".*?</div>\s*)?<h[1-6].*?</h[1-6]>', re.DOTALL)
_PRE = re.compile(r"<pre\b[^>]*>(.*?)</pre>", re.DOTALL)
_LINE_END = re.compile(r"</(?:p|h[1-6]|tr|dt|dd|div|section|summary|blockquote)>|<br ?/?>")
_RULE, _MEMBER = 7, 3


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: the bytes `[start, end)`. `fragment` is its `id`, empty for the page's own beginning.

    `level` is 1 for the page, 2 to 6 for headings, 3 for a member of an item, 7 for a rule of the Reference.
    """

    fragment: str
    title: str
    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list, table or example within a page: the bytes `[start, end)`. `classes` are an example's own:
    `language-rust`, `compile_fail`, `E0382`, `edition2018`."""

    kind: str
    start: int
    end: int
    classes: frozenset[str] = frozenset()

    @property
    def is_code(self) -> bool:
        return self.kind == "pre"

    @property
    def is_broken(self) -> bool:
        """An example that is meant not to build."""
        return bool(self.classes & {"compile_fail", "does_not_compile"})


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
        if inside is not None and inside.level == _MEMBER and mark.level > _MEMBER and mark.level != _RULE:
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
        ends = (one.start for one in marks[at + 1 :] if one.level <= mark.level)
    end = next(ends, marks[0].end)
    return Section(fragment, mark.title, mark.start, end, mark.level)


def has_text(page: bytes, section: Section) -> bool:
    """Whether the section says more than its title."""
    markup = page[section.start : section.end]
    if section.level == _RULE:
        markup = markup.partition(b"</div>")[2]
    elif section.level != _MEMBER and markup.startswith(b"<h"):
        markup = markup.partition(b"</h")[2].partition(b">")[2]
    return bool(_BYTES_TAG.sub(b"", markup).strip())


def blocks_of(page: bytes, section: Section) -> Iterator[Block]:
    """The paragraphs, lists, tables and examples of a section, in their order."""
    for found in _BLOCK.finditer(page, section.start, section.end):
        if found[1] is not None:
            yield Block(found[1].decode(), found.start(), found.end())
            continue
        if found[0].startswith(b"<div"):
            continue
        words = b" ".join(_CODE_CLASSES.findall(found[0])).decode("utf-8", "replace")
        yield Block("pre", found.start(), found.end(), frozenset(words.replace(",", " ").split()))


def marked_blocks_of(text: bytes, section: Section) -> Iterator[Block]:
    """The same of a text in Markdown, as the toolchain's programs print it."""
    for found in _MARKED.finditer(text, section.start, section.end):
        if found[1] is not None:
            words = found[1].decode("utf-8", "replace").replace(",", " ").split()
            yield Block("pre", found.start(), found.end(), frozenset(f"language-{word}" for word in words or ["rust"]))
        elif found[0].strip() and not found[0].startswith(b"#"):
            yield Block("p", found.start(), found.end())


def readable(markup: bytes | str) -> str:
    """The markup as plain text in the manner of Markdown: paragraphs apart, examples fenced, hidden lines left out."""
    text = markup.decode("utf-8", "replace") if isinstance(markup, bytes) else markup
    text = _LEFT_OUT.sub("", text.replace(_WHERE, " " + _WHERE))
    parts: list[str] = []
    at = 0
    for found in _PRE.finditer(text):
        parts += (_prose(text[at : found.start()]), f"```\n{code_text(found[1])}\n```")
        at = found.end()
    parts.append(_prose(text[at:]))
    return "\n\n".join(part for part in parts if part)


def moved_to(page: bytes) -> str:
    """Where a page that only redirects leads to; empty for every other page."""
    found = _MOVED.search(page, 0, _HEAD_BYTES)
    return found[1].decode("utf-8", "replace") if found else ""


def without_title(markup: bytes) -> bytes:
    """The part's markup without the heading that it begins with."""
    return _TITLE_LINE.sub(b"", markup)


def code_text(markup: str) -> str:
    """An example's lines as a reader sees them."""
    text = unescape(_TAG.sub("", _BORING.sub("", markup)))
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def words_of(page: bytes, start: int, end: int) -> str:
    """The text of a part of a page for the index, on one line."""
    markup = page[start:end]
    markup = _DRAWING.sub(b"", markup) if b"<svg" in markup else markup
    return unescape(_BYTES_TAG.sub(b" ", markup).decode("utf-8", "replace"))


def _prose(markup: str) -> str:
    markup = re.sub(r"<code[^>]*>(.*?)</code>", r"`\1`", markup, flags=re.DOTALL)
    markup = re.sub(r"\s*\n\s*", " ", markup)
    markup = _listed(markup)
    text = unescape(_TAG.sub("", _LINE_END.sub("\n\n", markup))).replace("\xa0", " ")
    lines = "\n".join(re.sub(r"(?<=\S)[ \t]+", " ", line).rstrip() for line in text.split("\n"))
    lines = re.sub(r"(?m)^ +(?! *- )", "", lines.strip())
    return re.sub(r"\n\n(?= *- )", "\n", re.sub(r"\n{2,}", "\n\n", lines))


def _listed(markup: str) -> str:
    """The markup with each item of a list on a line of its own, as far in as it stands."""
    depth = 0

    def line(found: re.Match[str]) -> str:
        nonlocal depth
        if found[2] != "li":
            depth += -1 if found[1] else 1
            return "" if depth else "\n\n"
        return "" if found[1] else "\n" + "  " * max(depth - 1, 0) + "- "

    return _LIST.sub(line, markup)


@dataclass(frozen=True, slots=True)
class _Mark:
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
    titles = {1: _one_line(named[2]) if named else ""}
    marks = [_Mark("", titles[1], start, 1, end=end)]
    for found in _MARK.finditer(page, start, end):
        if found[7]:
            marks.append(_Mark(found[7].decode(), _join(titles), found.start(), _RULE))
        elif found[2]:
            level = int(found[1])
            name = _one_line(found[4])
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
    title = _one_line(named[1]) if named else ""
    marks = [_Mark("", title, start, 1, end=end)]
    for found in _MARK.finditer(page, start + 1, end):
        if found[5]:
            opening = _OPENING.search(page, max(start, found.start() - 80), found.start())
            at = opening.start() if opening else found.start()
            header = _HEADER.search(page, found.start(), min(end, found.start() + 4000))
            signature = _one_line(header[1]) if header else found[5].decode()
            marks.append(_Mark(found[5].decode(), _join({1: title, 2: signature}), at, _MEMBER))
        elif found[2]:
            level = 2 if b"section-header" in found[3] else int(found[1])
            name = _one_line(found[4]).strip("§")
            marks.append(_Mark(found[2].decode(), _join({1: title, 2: name}), found.start(), level))
    return marks


def _join(titles: Mapping[int, str]) -> str:
    return " › ".join(title for title in titles.values() if title)


def _between(first: _Mark, second: _Mark) -> Section:
    return Section(first.fragment, first.title, first.start, second.start, first.level)


def _after_title(page: bytes, mark: _Mark) -> int:
    """Where a page's text begins, after its first heading."""
    heading = re.compile(rb"</h1>").search(page, mark.start)
    return heading.end() if heading else mark.start


def _one_line(markup: bytes) -> str:
    return " ".join(
        unescape(_TAG.sub("", _LEFT_OUT.sub("", markup.decode("utf-8", "replace").replace(_WHERE, " ")))).split()
    )


def line_at(page: bytes, offset: int) -> int:
    """The number, from 1, of the line that holds this byte."""
    return page.count(b"\n", 0, offset) + 1


def heading_at(page: bytes, offset: int) -> tuple[str, str]:
    """Title and fragment of the part of a page that this byte belongs to."""
    marks = _marks(page)
    at = bisect_right([one.start for one in marks], offset) - 1
    mark = marks[max(at, 0)]
    return mark.title, mark.fragment
