"""Mends keywords of other languages and misspelt ones: `switch` for `match`, `class` for `struct`, `elif`, `retrun`."""

from collections.abc import Iterator

from tars.rust.graph.spelling import distance
from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import KEYWORDS, Edit, Spot, offered, replaced, spot_of
from tars.rust.rules_support.tokens import Token
from tars.rust.values import Example, Patch

_MEANT: dict[bytes, tuple[bytes, ...]] = {
    **dict.fromkeys((b"func", b"function", b"def", b"fun", b"sub", b"proc", b"method"), (b"fn",)),
    **dict.fromkeys((b"var", b"val", b"auto", b"my", b"dim"), (b"let", b"let mut")),
    **dict.fromkeys((b"switch", b"select", b"when", b"case"), (b"match",)),
    **dict.fromkeys((b"class", b"record", b"data", b"object"), (b"struct",)),
    **dict.fromkeys((b"interface", b"protocol", b"abstract"), (b"trait",)),
    **dict.fromkeys((b"elif", b"elsif", b"elseif", b"elsf"), (b"else if",)),
    **dict.fromkeys((b"import", b"include", b"using", b"require", b"from"), (b"use",)),
    **dict.fromkeys((b"public", b"export"), (b"pub",)),
    **dict.fromkeys((b"implement", b"implements", b"implementation", b"extend", b"extends"), (b"impl", b"for")),
    **dict.fromkeys((b"namespace", b"package", b"module"), (b"mod",)),
    **dict.fromkeys((b"foreach", b"forall"), (b"for",)),
    **dict.fromkeys((b"repeat", b"forever"), (b"loop",)),
    **dict.fromkeys((b"final", b"constant", b"constexpr", b"define"), (b"const",)),
    b"typedef": (b"type",),
    b"until": (b"while !",),
    b"and": (b"&&",),
    b"or": (b"||",),
    b"not": (b"!",),
    b"mutable": (b"mut",),
    b"of": (b"in",),
    b"to": (b"..", b"..="),
    b"exit": (b"return",),
    b"default": (b"_",),
    b"otherwise": (b"_",),
    b"otherwhise": (b"else",),
}
_STEPS = (0, -1, -2, 1, -3, 2)
_SPELLING_MAX = 2
_BACK_MAX = 60


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if spot is not None:
        yield from offered(site.file, _edits(spot))


def _edits(spot: Spot) -> Iterator[Edit]:
    for token in _words(spot):
        known = _MEANT.get(token.text, ())
        near = [] if known else _misspelt(token.text)
        for number, text in enumerate((*known, *near)):
            likely = (0.85 if known else 0.6) * 0.8**number
            what = f"write `{text.decode()}` for `{token.text.decode('utf-8', 'replace')}`"
            yield Edit((replaced(spot.file, token, token, text),), what, likely)


def _words(spot: Spot) -> list[Token]:
    """The words around the spot, and those that begin its line and the line of the token before it."""
    found = [spot.token(step) for step in _STEPS]
    for at in (spot.at, spot.at - 1, _opening(spot)):
        index = at
        while index > 0 and not spot.tokens[index].first:
            index -= 1
        found.append(spot.tokens[index] if index >= 0 else None)
    return [one for one in dict.fromkeys(found) if one is not None and one.kind == "word" and one.text not in KEYWORDS]


def _opening(spot: Spot) -> int:
    """The index of the `{` around the spot, or -1: `switch *self {` is read as a struct, and what is in it is wrong."""
    depth = 0
    for index in range(spot.at - 1, max(spot.at - _BACK_MAX, 0) - 1, -1):
        token = spot.tokens[index]
        depth += token.closes - token.opens
        if depth < 0:
            return index if token.text == b"{" else -1
    return -1


def _misspelt(text: bytes) -> list[bytes]:
    """The keywords that a word is nearly, the nearest first."""
    word = text.decode("utf-8", "replace").lower()
    most = 1 if len(word) < 4 else _SPELLING_MAX
    near = ((distance(word, keyword.decode(), most), keyword) for keyword in sorted(KEYWORDS))
    return [keyword for steps, keyword in sorted(near) if steps <= most and len(keyword) > steps][:3]


PLUGIN = Mend(
    codes=("",),
    title="write Rust's keyword for one of another language, or for a misspelt one",
    cites=("docs:reference/keywords.html", "docs:book/appendix-01-keywords.html"),
    examples=(
        Example(
            "pub fn sign(x: i32) -> i32 {\n    switch x {\n        0 => 0,\n        _ => 1,\n    }\n}\n",
            "pub fn sign(x: i32) -> i32 {\n    match x {\n        0 => 0,\n        _ => 1,\n    }\n}\n",
        ),
        Example("pub class Point { pub x: i32 }\n", "pub struct Point { pub x: i32 }\n"),
        Example(
            "pub fn is_some(x: &Option<i32>) -> bool {\n    switch *x {\n        Option::Some(_) => true,\n"
            "        _ => false,\n    }\n}\n",
            "pub fn is_some(x: &Option<i32>) -> bool {\n    match *x {\n        Option::Some(_) => true,\n"
            "        _ => false,\n    }\n}\n",
        ),
        Example(
            "pub struct One;\n\n/// Two.\n#[allow(dead_code)]\nunsafe implement Send for One {}\n",
            "pub struct One;\n\n/// Two.\n#[allow(dead_code)]\nunsafe impl Send for One {}\n",
        ),
        Example(
            "pub fn sign(x: i32) -> i32 {\n    if x < 0 {\n        -1\n    } elif x > 0 {\n        1\n    } else {\n"
            "        0\n    }\n}\n",
            "pub fn sign(x: i32) -> i32 {\n    if x < 0 {\n        -1\n    } else if x > 0 {\n        1\n    } else {\n"
            "        0\n    }\n}\n",
        ),
    ),
    patches=_patches,
)
