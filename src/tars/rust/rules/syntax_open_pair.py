"""Mends a closure's `|` or a generic's `<` or `>` without its partner, which the compiler misses only much later."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, Spot, offered, spot_of
from tars.rust.rules_support.tokens import Token
from tars.rust.values import Example, Patch, Place

_TOKENS_BACK = 40
_BEFORE_BAR = (b"(", b",", b"=", b"move", b"return", b"=>", b"{", b"[")


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if spot is not None:
        yield from offered(site.file, (*_bars(spot), *_doubled(spot), *_angles(spot)))


def _bars(spot: Spot) -> Iterator[Edit]:
    """The `|` that ends a closure's parameters: after each token behind the one that began them. Or the one that
    begins them."""
    start = _last(spot, b"|", after=_BEFORE_BAR)
    for number, token in enumerate(_following(spot, start) if start is not None else ()):
        likely = 0.75 - 0.03 * number
        yield Edit((spot.file.insert(token.end, "|"),), "end the closure's parameters with `|`", likely)
    for step in range(0, -8, -1):
        if spot.text(step) == b"|" and (opened := _opening(spot, spot.at + step)) is not None:
            yield Edit((spot.file.insert(opened.start, "|"),), "begin the closure's parameters with `|`", 0.5)


def _doubled(spot: Spot) -> Iterator[Edit]:
    """`|x|| x`: the `||` behind a closure's parameters written as one."""
    for step in range(0, -12, -1):
        token = spot.token(step)
        if token is not None and token.text == b"||" and _last(spot, b"|", after=_BEFORE_BAR) is not None:
            place = Place(spot.file.path, token.start, token.end)
            yield Edit((spot.file.replace(place, "|"),), "end the closure's parameters with one `|`", 0.7)


def _opening(spot: Spot, index: int) -> Token | None:
    """Where the parameters that end at a `|` begin: behind the nearest sign that a closure may follow."""
    for at in range(index - 1, max(index - 12, 0), -1):
        if spot.tokens[at].text in _BEFORE_BAR[:3]:
            return spot.tokens[at + 1]
    return None


def _angles(spot: Spot) -> Iterator[Edit]:
    """The `>` that ends generic arguments: after each token of the innermost that are open."""
    depth = 0
    for step in range(0, -_TOKENS_BACK, -1):
        text = spot.text(step)
        if text == b">":
            depth += 1
        elif text == b"<":
            depth -= 1
            if depth < 0:
                for number, token in enumerate(_following(spot, spot.at + step)):
                    if token.kind in ("word", "lifetime") or token.text in (b")", b"]", b">"):
                        yield Edit(
                            (spot.file.insert(token.end, ">"),), "end the generics with `>`", 0.6 - 0.02 * number
                        )
                return
        elif text in (b";", b"{", b"}") and step < 0:
            return


def _last(spot: Spot, text: bytes, after: tuple[bytes, ...]) -> int | None:
    """The last such token before the spot, or a few behind it, that stands after one of these."""
    for index in range(min(spot.at + 1, len(spot.tokens) - 1), max(spot.at - _TOKENS_BACK, 0), -1):
        if spot.tokens[index].text == text and spot.tokens[index - 1].text in after:
            return index
    return None


def _following(spot: Spot, index: int) -> list[Token]:
    """A token and a few behind it, up to the end of the statement."""
    found = [spot.tokens[index]]
    for token in spot.tokens[index + 1 : index + 14]:
        if token.text in (b";", b"{", b"}"):
            break
        found.append(token)
    return found


PLUGIN = Mend(
    codes=("",),
    title="give a closure's bars and generics' angles their partners",
    cites=("docs:reference/expressions/closure-expr.html", "docs:reference/items/generics.html"),
    examples=(
        Example(
            "pub fn has(all: &[u8]) -> bool {\n    all.iter().any(|&x x == 2)\n}\n",
            "pub fn has(all: &[u8]) -> bool {\n    all.iter().any(|&x| x == 2)\n}\n",
        ),
        Example(
            "pub fn none() -> usize {\n    let all: Vec<Vec<u8> = vec![];\n    all.len()\n}\n",
            "pub fn none() -> usize {\n    let all: Vec<Vec<u8>> = vec![];\n    all.len()\n}\n",
        ),
    ),
    patches=_patches,
)
