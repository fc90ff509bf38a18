"""Finds the paragraphs, lists, tables and examples of a document: of HTML pages and of what the tools print."""

import re
from collections.abc import Iterator

from ducktools.classbuilder.prefab import Prefab

from tars.rust.anchors.pages import Section

_BLOCK = re.compile(
    rb'<div class="grammar-container">.*?</div>|<pre\b.*?</pre>|<(p|ul|ol|blockquote|table)\b[^>]*>.*?</\1>', re.DOTALL
)
_MARKED = re.compile(
    rb"^```([^\n]*)\n.*?^```$|^#[^\n]*$|^(?!```)\S[^\n]*(?:\n(?!```|#)[^\n]+)*", re.DOTALL | re.MULTILINE
)
_LIST_TAG = re.compile(rb"<(/?)(?:ul|ol)\b[^>]*>")
_CODE_CLASSES = re.compile(rb'<(?:code|pre) class="([^"]*)"')


class Block(Prefab, frozen=True):
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


def blocks_of(page: bytes, section: Section) -> Iterator[Block]:
    """The paragraphs, lists, tables and examples of a section, in their order."""
    at = section.start
    while found := _BLOCK.search(page, at, section.end):
        at = found.end()
        if found[1] in (b"ul", b"ol"):
            at = _list_end(page, found.start(), section.end)
        if found[1] is not None:
            yield Block(found[1].decode(), found.start(), at)
        elif found[0].startswith(b"<pre"):
            words = b" ".join(_CODE_CLASSES.findall(found[0])).decode("utf-8", "replace")
            yield Block("pre", found.start(), at, frozenset(words.replace(",", " ").split()))


def _list_end(page: bytes, start: int, end: int) -> int:
    """Where the list that begins at `start` ends, lists within it left behind."""
    depth = 0
    for found in _LIST_TAG.finditer(page, start, end):
        depth += -1 if found[1] else 1
        if not depth:
            return found.end()
    return end


def marked_blocks_of(text: bytes, section: Section) -> Iterator[Block]:
    """The same of a text in Markdown, as the toolchain's programs print it."""
    for found in _MARKED.finditer(text, section.start, section.end):
        if found[1] is not None:
            words = found[1].decode("utf-8", "replace").replace(",", " ").split()
            yield Block("pre", found.start(), found.end(), frozenset(f"language-{word}" for word in words or ["rust"]))
        elif found[0].strip() and not found[0].startswith(b"#"):
            yield Block("p", found.start(), found.end())
