"""Mends a tuple struct or variant whose values stand in braces: `Pair { 1, 2 }`, `One { (1) }`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, Spot, offered, spot_of
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if spot is not None:
        yield from offered(site.file, _edits(spot))


def _edits(spot: Spot) -> Iterator[Edit]:
    for step in range(1, -12, -1):
        opener, name = spot.token(step), spot.token(step - 1)
        if opener is None or name is None or opener.text != b"{" or not name.text[:1].isupper():
            continue
        close = _closing(spot, spot.at + step)
        if close is None:
            return
        inner = spot.file.data[opener.end : spot.tokens[close].start].decode("utf-8", "replace").strip()
        if ";" in inner or ":" in inner.replace("::", "") or "=>" in inner:
            return
        bare = inner[1:-1] if inner.startswith("(") and _is_one(inner) else inner
        place = Place(spot.file.path, name.end, spot.tokens[close].end)
        yield Edit((Change(place, f"({bare})"),), "put the values in parentheses", 0.8)
        return


def _closing(spot: Spot, start: int) -> int | None:
    depth = 0
    for index in range(start, len(spot.tokens)):
        depth += spot.tokens[index].opens - spot.tokens[index].closes
        if depth == 0:
            return index
    return None


def _is_one(text: str) -> bool:
    """Whether the parenthesis that a text begins with ends at its end."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


PLUGIN = Mend(
    codes=("",),
    title="put the values of a tuple struct in parentheses",
    cites=("docs:reference/expressions/struct-expr.html", "docs:book/ch05-01-defining-structs.html"),
    examples=(
        Example(
            "pub struct Pair(pub u8, pub u8);\n\npub fn pair() -> Pair {\n    Pair { 1, 2 }\n}\n",
            "pub struct Pair(pub u8, pub u8);\n\npub fn pair() -> Pair {\n    Pair(1, 2)\n}\n",
        ),
    ),
    patches=_patches,
)
