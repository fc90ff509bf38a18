"""Takes an entry of the documentation apart: what it means, the erroneous example, the remedy, the corrected one."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from tars.rust.anchors.blocks import Block
from tars.rust.anchors.library import Library
from tars.rust.anchors.values import Passage, Role
from tars.rust.values import Anchor

REMEDY_BLOCKS_MAX: Final = 4
OPENING_BYTES_MAX: Final = 1500
"""How much markup of a related part is shown: its first paragraph, and more while it is short."""

_Cited = tuple[Anchor, Block]


def entry_passages(library: Library, citation: str) -> tuple[Passage, ...]:
    """The passages of an entry on one error or lint, in its order. Raises as `Library.anchor_for` does."""
    blocks = library.blocks(citation)
    at = _erroneous(library, blocks)
    if at is None:
        return (library.passage(citation, Role.MEANING),)
    rest = blocks[at + 1 :]
    corrected = next((number for number, one in enumerate(rest) if _is_rust(one) and not one[1].is_broken), None)
    between = rest[:corrected] if corrected is not None else _last_words(rest)
    return tuple(
        library.passage(anchor, role)
        for anchor, role in (
            *_prose(library, blocks[:at], Role.MEANING),
            (blocks[at][0], Role.ERRONEOUS),
            *_prose(library, between, Role.REMEDY),
            *(((rest[corrected][0], Role.CORRECTED),) if corrected is not None else ()),
        )
    )


def opening(library: Library, citation: str) -> Passage:
    """How a part begins: as much as a reader needs to see what it is about. Raises as `Library.anchor_for` does."""
    blocks = library.blocks(citation)
    prose = [one for one in blocks if not one[1].is_code] or list(blocks)
    if not prose:
        return library.passage(citation)
    first = prose[0][0]
    ends = [anchor for anchor, block in blocks if anchor.start >= first.start and not block.is_code]
    short = list(takewhile(lambda anchor: anchor.end - first.start <= OPENING_BYTES_MAX, ends))
    until = next((anchor.start for anchor, block in blocks if block.is_code and anchor.start > first.start), None)
    last = [anchor for anchor in short if until is None or anchor.end <= until]
    return library.passage(library.joined(first, last[-1] if last else first))


def _erroneous(library: Library, blocks: Sequence[_Cited]) -> int | None:
    """Which block is the erroneous example: the first that says so, else the first one of all."""
    marked = (at for at, one in enumerate(blocks) if one[1].is_broken)
    return next(marked, next((at for at, one in enumerate(blocks) if _is_rust(one)), None))


def _last_words(blocks: Sequence[_Cited]) -> Sequence[_Cited]:
    """What is said after the last example or output."""
    start = max((at + 1 for at, one in enumerate(blocks) if one[1].is_code), default=0)
    return blocks[start : start + REMEDY_BLOCKS_MAX]


def _is_rust(one: _Cited) -> bool:
    block = one[1]
    named = any(word.startswith("language-") for word in block.classes)
    return block.is_code and ("language-rust" in block.classes or not named)


def _prose(library: Library, blocks: Sequence[_Cited], role: Role) -> Iterator[tuple[Anchor, Role]]:
    """Paragraphs that follow each other, as one."""
    prose = list(takewhile(lambda one: not one[1].is_code, blocks))
    if prose:
        yield library.joined(prose[0][0], prose[-1][0]), role
