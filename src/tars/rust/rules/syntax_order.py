"""Mends two tokens in the wrong order: `fn pub`, `mut let`, `mut &T`, `;)`, `} else;`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import KEYWORDS, Edit, Spot, offered, spot_of
from tars.rust.rules_support.tokens import Token
from tars.rust.values import Change, Example, Patch, Place

_USUAL = frozenset({
    (b"fn", b"pub"), (b"mut", b"let"), (b"mut", b"&"), (b";", b")"), (b",", b")"), (b"struct", b"pub"),
    (b"fn", b"const"), (b"fn", b"unsafe"), (b"enum", b"pub"), (b"mut", b"ref"), (b"async", b"pub"), (b"mod", b"pub"),
    (b"unsafe", b"pub"), (b"const", b"pub"), (b"use", b"pub"), (b"if", b"else"), (b"in", b"for"), (b"!", b"println"),
    (b";", b"]"), (b")", b";"), (b"?", b"."), (b"=", b"mut"), (b"type", b"pub"), (b"trait", b"pub"), (b"fn", b"async"),
})  # fmt: skip
_STEPS = ((0, 0.9), (-1, 1.0), (-2, 0.6), (1, 0.4))


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if spot is not None:
        yield from offered(site.file, _edits(spot))


def _edits(spot: Spot) -> Iterator[Edit]:
    for step, closeness in _STEPS:
        first, second = spot.token(step), spot.token(step + 1)
        if first is None or second is None:
            continue
        usual = (first.text, second.text) in _USUAL
        if usual or (_plain(first) and _plain(second)):
            what = f"write `{second.text.decode()}` before `{first.text.decode()}`"
            yield Edit((_swapped(spot, first, second),), what, 0.85 * max(closeness, 0.9) if usual else 0.3 * closeness)


def _plain(token: Token) -> bool:
    """Whether a token may be moved on a mere suspicion: keywords and small signs."""
    small = token.kind == "sign" and not token.opens and not token.closes
    return small or token.text in KEYWORDS


def _swapped(spot: Spot, first: Token, second: Token) -> Change:
    left, right = second.text.decode(), first.text.decode()
    blank = spot.file.data[first.end : second.start].decode()
    if second.text == b"&":
        blank = ""
    end = second.end
    if blank == "" and second.text == b"&" and spot.file.data[end : end + 1] != b" ":
        right += " "
    return Change(Place(spot.file.path, first.start, end), f"{left}{blank}{right}")


PLUGIN = Mend(
    codes=("",),
    title="swap two tokens that are in the wrong order",
    cites=("docs:reference/items/functions.html", "docs:reference/visibility-and-privacy.html"),
    examples=(
        Example("fn pub one() -> u8 {\n    1\n}\n", "pub fn one() -> u8 {\n    1\n}\n"),
        Example("pub fn add(x: mut &i32) {\n    *x += 1;\n}\n", "pub fn add(x: &mut i32) {\n    *x += 1;\n}\n"),
        Example(
            "pub fn add(all: &mut Vec<u8>) {\n    all.push(1;)\n}\n",
            "pub fn add(all: &mut Vec<u8>) {\n    all.push(1);\n}\n",
        ),
    ),
    patches=_patches,
)
