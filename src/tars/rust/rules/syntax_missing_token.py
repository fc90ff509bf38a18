"""Mends a forgotten comma, colon, arrow or other small token where the compiler stumbles, or a few tokens before."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, Spot, inserted, offered, spot_of
from tars.rust.values import Example, Patch

_LIKELY: dict[bytes, float] = {
    b",": 0.8, b";": 0.75, b":": 0.75, b"=>": 0.85, b"->": 0.85, b"=": 0.75, b"|": 0.6, b">": 0.6, b"<": 0.4,
    b"::": 0.5, b".": 0.45, b"in": 0.6, b"for": 0.5, b"&": 0.2, b"else": 0.4, b"&&": 0.2, b"..": 0.2,
}  # fmt: skip
"""How often each is what was forgotten, where the compiler names it."""
_NEVER_AT_THE_END = (b":", b"->", b"=", b"::", b".", b"for", b"in")
_UNNAMED = 0.55
_BACK = (1.0, 0.7, 0.55, 0.5, 0.4)
"""How the chance falls with each token before the unexpected one."""
_WITHIN_LINE = {b";": 0.3, b"=>": 0.9}


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if spot is not None:
        yield from offered(site.file, _edits(spot))


def _edits(spot: Spot) -> Iterator[Edit]:
    for back, closeness in enumerate(_BACK):
        token, before = spot.token(-back), spot.token(-back - 1)
        if token is None or before is None:
            return
        for text, often in _LIKELY.items():
            if text in (b",", b";") and (before.opens or before.text in (b",", b";") or token.text == text):
                continue
            likely = often * closeness * (1.0 if text in spot.expected else _UNNAMED)
            likely *= 1.0 if before.last else _WITHIN_LINE.get(text, 1.0)
            likely *= 0.1 if before.last and text in _NEVER_AT_THE_END else 1.0
            yield Edit((inserted(spot.file, before, token, text),), f"insert the missing `{text.decode()}`", likely)


PLUGIN = Mend(
    codes=("",),
    title="insert the forgotten comma, colon, arrow or operator",
    cites=("docs:reference/tokens.html#punctuation", "docs:book/appendix-02-operators.html"),
    examples=(
        Example(
            "pub fn sum(a: i32, b i32) -> i32 {\n    a + b\n}\n",
            "pub fn sum(a: i32, b: i32) -> i32 {\n    a + b\n}\n",
        ),
        Example(
            "pub fn sign(x: i32) -> char {\n    match x {\n        0 '0',\n        _ => '+',\n    }\n}\n",
            "pub fn sign(x: i32) -> char {\n    match x {\n        0 => '0',\n        _ => '+',\n    }\n}\n",
        ),
        Example(
            'pub fn show(x: i32) {\n    println!("{}" x);\n}\n',
            'pub fn show(x: i32) {\n    println!("{}", x);\n}\n',
        ),
    ),
    patches=_patches,
)
