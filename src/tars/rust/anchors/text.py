"""Turns the markup of documentation pages into text: for people, in the manner of Markdown, and for the index."""

import re
from html import unescape
from typing import Final

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


def one_line(markup: bytes) -> str:
    """The text of a heading."""
    return " ".join(
        unescape(_TAG.sub("", _LEFT_OUT.sub("", markup.decode("utf-8", "replace").replace(_WHERE, " ")))).split()
    )


def line_at(page: bytes, offset: int) -> int:
    """The number, from 1, of the line that holds this byte."""
    return page.count(b"\n", 0, offset) + 1


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
