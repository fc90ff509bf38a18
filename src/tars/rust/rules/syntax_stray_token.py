"""Mends a token that stands where none is wanted: a doubled comma, a semicolon after a condition, a foreign `new`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import KEYWORDS, Edit, Spot, deleted, offered, spot_of
from tars.rust.rules_support.tokens import Token
from tars.rust.values import Example, Patch

_NOISE = frozenset(
    b"new then do begin end final void public private protected static var val auto int float double def func function"
    b" abstract override virtual throws endif fi done pass".split()
)
"""Words of other languages that say nothing here."""
_SIGNS: dict[bytes, float] = {b",": 0.8, b";": 0.8, b":": 0.5, b"=": 0.45, b"|": 0.35, b"->": 0.35, b"=>": 0.35}
_STEPS = ((0, 1.0), (-1, 0.75), (1, 0.4), (-2, 0.4))


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if spot is not None:
        yield from offered(site.file, _edits(spot))


def _edits(spot: Spot) -> Iterator[Edit]:
    for step, closeness in _STEPS:
        token = spot.token(step)
        if token is None:
            continue
        likely = closeness * _stray(token, spot.text(step - 1), spot.text(step + 1))
        if likely > 0:
            yield Edit((deleted(spot.file, token),), f"remove the stray `{token.text.decode()}`", likely)


def _stray(token: Token, before: bytes, after: bytes) -> float:
    """How likely it is that a token is one too many."""
    if token.kind == "word":
        if token.text in (before, after):
            return 0.8 if token.text in KEYWORDS else 0.15
        return 0.6 if token.text in _NOISE else 0.0
    if token.kind != "sign" or token.opens or token.closes:
        return 0.0
    if token.text in (before, after):
        return 0.85
    if token.text == b";" and after in (b")", b"]"):
        return 0.4
    return _SIGNS.get(token.text, 0.3)


PLUGIN = Mend(
    codes=("",),
    title="remove the token that is one too many",
    cites=("docs:reference/tokens.html#punctuation", "docs:reference/statements.html"),
    examples=(
        Example(
            "pub fn sign(x: i32) -> i32 {\n    if x < 0; {\n        return -1;\n    }\n    1\n}\n",
            "pub fn sign(x: i32) -> i32 {\n    if x < 0 {\n        return -1;\n    }\n    1\n}\n",
        ),
        Example(
            "pub struct Point {;\n    pub x: i32,\n}\n",
            "pub struct Point {\n    pub x: i32,\n}\n",
        ),
    ),
    patches=_patches,
)
