"""Citations and their proofs: makes anchors to documents and code, and resolves them to the exact text or refuses."""

from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from re import fullmatch
from urllib.parse import unquote

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import CorruptError, TarsError
from tars.rust.anchors.blocks import Block, blocks_of, marked_blocks_of
from tars.rust.anchors.pages import Section, heading_at, moved_to, section_named
from tars.rust.anchors.sources import CODE, DOCUMENTS, TOLD, Sources, toolchain_sources
from tars.rust.anchors.text import line_at, readable, without_title
from tars.rust.anchors.values import Passage, Role
from tars.rust.values import Anchor, Place, Sha256


class Library(Prefab, frozen=True):
    """All that can be cited from one toolchain and one project."""

    sources: Sources

    def anchor_for(self, citation: str) -> Anchor:
        """The anchor of a citation: `docs:PAGE#FRAGMENT` (a heading with all below it, a member, a rule; without a
        fragment the page's beginning, of the error index the whole entry), `code:PATH#L12-L15`, `code:PATH`,
        `tool:E0382`, `tool:clippy::needless_return`.

        Raises `TarsError` where there is no such document or part of it.
        """
        source, _, fragment = citation.partition("#")
        document = self.sources.read(source)
        if source.startswith(CODE):
            start, end = _lines(document, fragment, citation)
        elif source.startswith(TOLD):
            start, end = 0, len(document)
        else:
            if moved := moved_to(document):
                raise TarsError(f"{source} only says that it moved", hint=f"cite {moved}")
            section = _named(document, fragment)
            if section is None:
                raise TarsError(f"{source} has no part `#{fragment}`", hint="see the ids of its headings")
            start, end = section.start, section.end
        return _anchor(source, document, start, end)

    def anchors_for(self, citations: Iterable[str]) -> tuple[Anchor, ...]:
        """The anchors of those citations that resolve here, each once: another toolchain has other documentation."""
        found: dict[Anchor, None] = {}
        for citation in citations:
            with suppress(TarsError):
                found[self.anchor_for(citation)] = None
        return tuple(found)

    def anchor_at(self, place: Place) -> Anchor:
        """The anchor of bytes of a file of the project. Raises `TarsError` where the file does not have them."""
        document = self.sources.read(CODE + place.path)
        if not 0 <= place.start <= place.end <= len(document):
            raise TarsError(f"{place.path} has no bytes {place.start} to {place.end}")
        return _anchor(CODE + place.path, document, place.start, place.end)

    def resolve(self, anchor: Anchor) -> str:
        """The cited text, exactly as it stands in the document (of a page: its markup).

        Raises `CorruptError` where the bytes are others than those that were cited, `TarsError` where the document
        cannot be read.
        """
        return self._proven(anchor)[1].decode("utf-8", "replace")

    def holds(self, anchor: Anchor) -> bool:
        """Whether the anchor resolves."""
        try:
            self._proven(anchor)
        except TarsError:
            return False
        return True

    def passage(self, cited: Anchor | str, role: Role = Role.RELATED) -> Passage:
        """What is cited, proven and made readable. `cited` is an anchor or a citation; raises as `anchor_for` and
        `resolve` do."""
        anchor = self.anchor_for(cited) if isinstance(cited, str) else cited
        document, markup = self._proven(anchor)
        if not anchor.source.startswith(DOCUMENTS):
            line = line_at(document, anchor.start)
            name = anchor.source.partition(":")[2]
            address = f"{name}:{line}" if anchor.source.startswith(CODE) else anchor.source
            return Passage(anchor, address, markup.decode("utf-8", "replace").strip("\n"), address, role)
        title, fragment = heading_at(document, anchor.start)
        address = f"{anchor.source}#{fragment}" if fragment else anchor.source
        return Passage(anchor, title, readable(without_title(markup)), address, role)

    def blocks(self, citation: str) -> tuple[tuple[Anchor, Block], ...]:
        """The paragraphs and examples of a cited part, each with its anchor. Raises as `anchor_for` does."""
        whole = self.anchor_for(citation)
        document = self.sources.read(whole.source)
        section = Section("", "", whole.start, whole.end, 1)
        read = blocks_of if whole.source.startswith(DOCUMENTS) else marked_blocks_of
        return tuple((_anchor(whole.source, document, one.start, one.end), one) for one in read(document, section))

    def joined(self, first: Anchor, last: Anchor) -> Anchor:
        """The anchor of all from the first to the last of two places in one document."""
        assert first.source == last.source
        return _anchor(first.source, self.sources.read(first.source), first.start, last.end)

    def _proven(self, anchor: Anchor) -> tuple[bytes, bytes]:
        """The document, and the part of it that the anchor cites."""
        document = self.sources.read(anchor.source)
        cited = document[anchor.start : anchor.end]
        if len(cited) != anchor.end - anchor.start or sha256(cited).hexdigest() != anchor.digest:
            raise CorruptError(
                f"{anchor.source} no longer says at bytes {anchor.start} to {anchor.end} what was cited",
                hint="the document was changed since: cite it anew",
            )
        return document, cited


def open_library(project: Path | None = None) -> Library:
    """The library of this machine's toolchain; `code:` is relative to `project`.

    Raises `UnavailableError` where there is no Rust compiler; where only the documentation is missing, citing it does.
    """
    return Library(toolchain_sources(project))


def _anchor(source: str, document: bytes, start: int, end: int) -> Anchor:
    return Anchor(Sha256(sha256(document[start:end]).hexdigest()), source, start, end)


def _named(page: bytes, fragment: str) -> Section | None:
    return section_named(page, fragment) or section_named(page, unquote(fragment))


def _lines(document: bytes, fragment: str, citation: str) -> tuple[int, int]:
    """The bytes of `L12` or `L12-L15`; of the whole document without a fragment."""
    if not fragment:
        return 0, len(document)
    asked = fullmatch(r"L(\d+)(?:-L(\d+))?", fragment)
    lines = document.splitlines(keepends=True)
    first, last = (int(asked[1]), int(asked[2] or asked[1])) if asked else (0, 0)
    if not 1 <= first <= last <= len(lines):
        raise TarsError(f"{citation} names no lines of the file, which has {len(lines)}", hint="as in `code:PATH#L12`")
    start = sum(map(len, lines[: first - 1]))
    return start, start + sum(map(len, lines[first - 1 : last]))
