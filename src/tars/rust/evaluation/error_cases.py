"""Cases for the evaluation out of the toolchain's own documentation: erroneous examples with their corrected ones."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import unescape
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.rust.checking.rustc import LoneCrate

SIMILARITY_MIN: Final = 0.2
"""How much of an erroneous example a block must share to count as its correction: where the example names its error,
and no other example of the page is near."""
SIMILARITY_UNNAMED_MIN: Final = 0.5
"""The same where the example only says that it does not build."""
CANDIDATES_MAX: Final = 4
_BLOCK = re.compile(r"<code class=\"language-rust([^\"]*)\">(.*?)</code>", re.S)
_BORING = re.compile(r"<span class=\"boring\">.*?</span>", re.S)
_TAG = re.compile(r"<[^>]+>")
_EXPECTATION = re.compile(r"[ \t]*//~.*")
_TOKEN = re.compile(r"\w+|'\w+|[^\w\s]")


class Block(Prefab, frozen=True):
    """One Rust example of a page. `shown` is what a reader sees, `whole` also has the hidden lines around it."""

    classes: frozenset[str]
    shown: str
    whole: str

    @property
    def edition(self) -> str:
        named = [word.removeprefix("edition") for word in self.classes if re.fullmatch(r"edition20\d\d", word)]
        return named[0] if named else "2021"

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(sorted(word for word in self.classes if re.fullmatch(r"E\d{4}", word)))

    @property
    def broken(self) -> bool:
        return bool(self.classes & {"compile_fail", "does_not_compile"})

    @property
    def usable(self) -> bool:
        """Meant to be compiled, and with a stable compiler. The Book marks what does not compile as ignored too."""
        ignored = "ignore" in self.classes and "does_not_compile" not in self.classes
        return not ignored and "#![feature" not in self.whole


class Pair(Prefab, frozen=True):
    """An erroneous example and its correction: `broken` fails with `code`, `fixed` builds, both proven."""

    name: str
    code: str
    broken: str
    fixed: str
    edition: str


def blocks_of(page: str) -> tuple[Block, ...]:
    """The Rust examples of an HTML page, in its order."""
    return tuple(
        Block(frozenset(re.split(r"[\s,]+", found[1].strip())), _text(_BORING.sub("", found[2])), _text(found[2]))
        for found in _BLOCK.finditer(page)
    )


def error_index_pages(documentation: Path) -> tuple[Path, ...]:
    """The pages of the error index below the toolchain's documentation, by code."""
    return tuple(sorted((documentation / "error_codes").glob("E[0-9][0-9][0-9][0-9].html")))


def book_pages(documentation: Path) -> tuple[Path, ...]:
    """The pages of the Book, the Reference, the Nomicon and the edition guide, without those that collect others."""
    books = ("book", "reference", "nomicon", "edition-guide")
    pages = (page for book in books for page in (documentation / book).rglob("*.html"))
    return tuple(sorted(page for page in pages if page.stem not in ("print", "inline-assembly")))


def pairs_of(page: Path) -> Iterator[Pair]:
    """The page's erroneous examples that have a correction further down, each proven by the compiler: the one fails
    with the code that it is marked with (any error where it has none), the other builds."""
    blocks = blocks_of(page.read_text("utf-8"))
    erroneous = [(at, one) for at, one in enumerate(blocks) if one.broken and one.usable]
    for number, (at, block) in enumerate(erroneous):
        later = [one for one in blocks[at + 1 :] if one.usable and not one.broken]
        pair = _proven(f"{page.stem}_{number}", next(iter(block.codes), ""), block, _nearest(block, later))
        if pair is not None:
            yield pair


def _nearest(block: Block, others: Sequence[Block]) -> list[Block]:
    words = _TOKEN.findall(block.shown)
    rated = [
        (SequenceMatcher(None, words, _TOKEN.findall(one.shown), autojunk=False).ratio(), -number, one)
        for number, one in enumerate(others)
    ]
    least = SIMILARITY_MIN if block.codes else SIMILARITY_UNNAMED_MIN
    best = sorted((one for one in rated if one[0] >= least), key=lambda one: one[:2], reverse=True)
    return [one for _, _, one in best[:CANDIDATES_MAX]]


def _proven(name: str, code: str, block: Block, candidates: Sequence[Block]) -> Pair | None:
    """The examples as a reader sees them where they stand on their own, else with the hidden lines. Without them an
    example may fail for another reason, which only its code can tell."""
    shown = (block.shown, [one.shown for one in candidates] if code else [])
    for broken, chosen in (shown, (block.whole, [one.whole for one in candidates])):
        with LoneCrate("main.rs", edition=block.edition) as crate:
            checked = crate.check({"main.rs": broken.encode()}) if chosen else None
            if checked is None or checked.ok or checked.detail:
                continue
            codes = {one.code for one in checked.errors}
            if code and code not in codes:
                continue
            for fixed in chosen:
                if crate.check({"main.rs": fixed.encode()}).ok:
                    first = code or next((one.code for one in checked.errors), "")
                    return Pair(name, first, broken, fixed, block.edition)
    return None


def _text(html: str) -> str:
    lines = unescape(_TAG.sub("", html)).splitlines()
    return "\n".join(_EXPECTATION.sub("", line).rstrip() for line in lines).strip("\n") + "\n"
