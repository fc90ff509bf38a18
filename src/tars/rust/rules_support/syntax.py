"""Mends of syntax as edits of tokens near the place that the compiler points at, ranked by how well they then read."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ducktools.classbuilder.prefab import Prefab

from tars.rust.rules_support.brokenness import brokenness, brokenness_after, weight
from tars.rust.rules_support.mend import Site
from tars.rust.rules_support.tokens import Token, index_at, tokens_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Kind, Patch, Place

KEYWORDS = frozenset(
    b"as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move"
    b" mut pub ref return self Self static struct super trait true type unsafe use where while".split()
)
_OFFERED_MAX = 3
_READ_MAX = 150
_LEAST = 0.05
_FADING = 0.6
"""How much less likely each next of the edits of one rule is than the one before it."""
_STILL_BROKEN = 0.6
_ALONE = 0.6
_PLAIN = 0.3
"""The least confidence in an edit after which more can be read than after any other, where it is no odd one."""
_OF_SYNTAX = (
    "non-item", "requires a destination", "`match` arm", "parameter defaults", "struct fields", "Rust has no",
    "functions are not allowed", "comparison operators", "keyword `", "labeled", "no rules expected", "`mut` must",
    "leading `", "in expressions, `_`",
)  # fmt: skip
"""Messages about the text that the kind of the diagnostic does not show, though the tree may have no gaps."""
_TIGHT = (b"::", b".")
_CLOSE = (b",", b";", b":", b"|", b">", b"?", b")", b"]")
_SPACED = re.compile(rb"[A-Za-z=]|->|=>|&&|\|\|")


class Edit(Prefab, frozen=True):
    """Changes of one file that belong together; `likely` in (0, 1) is how usual such a slip is, where it is made."""

    changes: tuple[Change, ...]
    what: str
    likely: float


class Spot(Prefab, frozen=True):
    """Where the compiler stumbled: `at` is the index of the token that it did not expect, and `expected` are the tokens
    that it names as possible there."""

    file: SourceFile
    tokens: Sequence[Token]
    at: int
    expected: frozenset[bytes]
    message: str

    def token(self, step: int = 0) -> Token | None:
        """The token so many steps after the unexpected one."""
        index = self.at + step
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def text(self, step: int = 0) -> bytes:
        """Its text; empty where there is none."""
        token = self.token(step)
        return token.text if token else b""


def is_syntax(site: Site) -> bool:
    """Whether a diagnostic is about the text: by its kind, or, where that does not tell, because the tree has gaps."""
    if site.diagnostic.code or site.diagnostic.kind is Kind.SYNTAX:
        return True
    if site.diagnostic.kind is not Kind.OTHER:
        return False
    return site.diagnostic.message.startswith(_OF_SYNTAX) or brokenness(site.file) > (0, 0)


def spot_of(site: Site) -> Spot | None:
    """The spot of a syntax error; None where the diagnostic has a code or speaks of delimiters, or of no syntax."""
    message = site.diagnostic.message
    if site.diagnostic.code or "delimiter" in message or not is_syntax(site) or not (tokens := tokens_of(site.file)):
        return None
    at = index_at(tokens, site.place.start)
    if message.startswith("requires a destination"):
        at = next((index for index in range(at, len(tokens)) if tokens[index].kind == "text"), at)
    if message.startswith("expected item after attributes"):
        at = index_at(tokens, site.place.end)
    return Spot(site.file, tokens, min(at, len(tokens) - 1), expected_in(message), message)


def expected_in(message: str) -> frozenset[bytes]:
    """The tokens that a message like "expected one of `,` or `:`, found `x`" names before what was found."""
    wanted, found, _ = message.partition(", found ")
    if not (found and wanted.startswith("expected")):
        return frozenset()
    return frozenset(one.encode() for one in re.findall(r"`([^` ]+)`", wanted))


def offered(file: SourceFile, edits: Iterable[Edit], most: int = _OFFERED_MAX) -> Iterator[Patch]:
    """The edits after which more of the file can be read, the best first. Where the tree shows nothing wrong (within
    macros it cannot), those after which it still shows nothing."""
    before = brokenness(file)
    read: list[tuple[tuple[int, int], Edit]] = []
    unique = {edit.changes: edit for edit in sorted(edits, key=lambda one: one.likely)}
    for edit in sorted(unique.values(), key=lambda one: -one.likely)[:_READ_MAX]:
        try:
            after = brokenness_after(file, *edit.changes)
        except ValueError:
            continue
        if (weight(after), after) < (weight(before), before) or after == before == (0, 0):
            read.append((after, edit))
    read.sort(key=lambda one: (weight(one[0]), -one[1].likely, one[0][1], one[1].changes[0].place.start))
    alone = bool(read) and before > (0, 0) and all(weight(after) > weight(read[0][0]) for after, _ in read[1:])
    for number, (after, edit) in enumerate(read[:most]):
        sure = edit.likely * (1.0 if after[0] == 0 else _STILL_BROKEN) * _FADING**number
        sure = max(sure, _ALONE) if alone and number == 0 and after[0] == 0 and edit.likely >= _PLAIN else sure
        if sure >= _LEAST:
            yield Patch(edit.changes, edit.what, min(sure, 0.95))


def inserted(file: SourceFile, before: Token | None, token: Token, text: bytes) -> Change:
    """`text` put between two neighbouring tokens, with the blanks that are usual around it."""
    written = text.decode()
    if before is None:
        return file.insert(token.start, f"{written} ")
    gap = file.data[before.end : token.start]
    if b"\n" in gap and text.isalpha() and not gap.strip():
        return file.insert(token.start, f"{written} ")
    if gap.strip() or b"\n" in gap:
        close = text in _CLOSE or text in _TIGHT
        return file.insert(before.end, written if close else f" {written}")
    if text in _TIGHT:
        return file.replace(Place(file.path, before.end, token.start), written)
    if text in _CLOSE:
        return file.insert(before.end, written + (" " if not gap and text in (b",", b":", b"|") else ""))
    if _SPACED.match(text):
        return file.replace(Place(file.path, before.end, token.start), f" {written} ")
    return file.insert(before.end, written)


def replaced(file: SourceFile, first: Token, last: Token, text: bytes) -> Change:
    return file.replace(Place(file.path, first.start, last.end), text.decode())


def deleted(file: SourceFile, first: Token, last: Token | None = None) -> Change:
    """The deletion of neighbouring tokens, with the blanks on one side where there are blanks on both."""
    start, end = first.start, (last or first).end
    after = file.data[end : end + 1]
    if file.data[start - 1 : start] in (b" ", b"\n", b"\t", b"") and after == b" ":
        end += 1
    elif file.data[start - 1 : start] == b" " and after in (b"\n", b"", b",", b";", b")"):
        start -= 1
    return file.delete(Place(file.path, start, end))
