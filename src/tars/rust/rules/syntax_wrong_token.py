"""Mends a token that was mistaken for its like: `;` for `,`, `->` for `=>`, `:` for `::`, `==` for `=`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.syntax import Edit, Spot, offered, replaced, spot_of
from tars.rust.rules_support.tokens import index_at, tokens_of
from tars.rust.values import Example, Patch, Place

_LIKE: dict[bytes, tuple[bytes, ...]] = {
    b";": (b",", b":"),
    b",": (b";", b".", b"=>"),
    b":": (b"::", b";", b"=", b"->", b" in", b",", b"=>"),
    b"::": (b":", b"."),
    b".": (b"::", b",", b".."),
    b"=": (b":", b"==", b"=>", b"+="),
    b"==": (b"=", b"=>"),
    b"=>": (b"->", b"=", b">=", b":", b"{"),
    b"->": (b"=>", b".", b":", b"="),
    b"|": (b"||", b","),
    b"||": (b"|",),
    b"&&": (b"&",),
    b"&": (b"&&",),
    b"...": (b"..", b"..="),
    b"-": (b"->", b"_", b"="),
    b">": (b"=>", b"->", b")"),
    b"<": (b"(",),
    b"in": (b"=",),
    b"of": (b"in",),
    b"is": (b"==", b":"),
    b"/": (b"|",),
    b"+": (b"|", b"&"),
    b"@": (b"#",),
}
_PAIRS: dict[tuple[bytes, bytes], bytes] = {
    (b":", b"="): b"=",
    (b"=", b".."): b"..=",
    (b"<", b">"): b"!=",
    (b"=", b"<"): b"<=",
    (b"=", b">"): b"=>",
    (b"-", b">"): b"->",
    (b":", b":"): b"::",
    (b"=", b"="): b"==",
    (b"!", b"="): b"!=",
    (b"!=", b"="): b"!=",
    (b"==", b"="): b"==",
    (b"=", b"!"): b"!=",
    (b"=", b"+"): b"+=",
    (b"=>", b">"): b"=>",
    (b"==", b">"): b"=>",
    (b"-", b"->"): b"->",
    (b"<", b"-"): b"=",
    (b"..", b"<"): b"..",
    (b"&", b"&"): b"&&",
    (b"+", b"="): b"+=",
    (b">", b"="): b">=",
}
"""Two neighbouring tokens that were meant as one."""
_STEPS = ((0, 1.0), (-1, 0.8), (-2, 0.5), (1, 0.4), (-3, 0.3))


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if "arm with no body" in site.diagnostic.message:
        yield from _assigned_arm(site)
    if spot is not None:
        yield from offered(site.file, (*_pairs(spot), *_singles(spot)))
    elif site.diagnostic.code == "E0308":
        yield from _assigned_negation(site)
    elif site.diagnostic.code == "E0070" and (tokens := tokens_of(site.file)):
        at = min(index_at(tokens, site.place.start), len(tokens) - 1)
        yield from offered(site.file, _pairs(Spot(site.file, tokens, at, frozenset(), site.diagnostic.message)))


def _assigned_negation(site: Site) -> Iterator[Patch]:
    """`if x =! 0`: read as an assignment of `!0`."""
    node = site.up("assignment_expression")
    left, right = (node.child_by_field_name(one) for one in ("left", "right")) if node is not None else (None, None)
    if left is not None and right is not None and right.type == "unary_expression":
        between = Place(site.file.path, left.end_byte, right.start_byte + 1)
        if re.fullmatch(r"\s*=!", site.file.text(between)):
            blank = " " if site.file.text(between).startswith(" ") else ""
            yield patch("write `!=` for `=!`", 0.97, site.file.replace(between, f"{blank}!="))


def _assigned_arm(site: Site) -> Iterator[Patch]:
    """`Some(x) if x == y = 1,`: read as a guard that assigns."""
    marks = [one for one in tokens_of(site.file) if one.text == b"=" and site.place.start < one.start < site.place.end]
    for number, mark in enumerate(reversed(marks[-2:])):
        yield patch("write `=>` for `=`", 0.9 - 0.2 * number, replaced(site.file, mark, mark, b"=>"))


def _singles(spot: Spot) -> Iterator[Edit]:
    for step, closeness in _STEPS:
        token = spot.token(step)
        for number, text in enumerate(_LIKE.get(spot.text(step), ())):
            if token is not None and text not in (spot.text(step - 1), spot.text(step + 1)):
                named = 1.0 if text in spot.expected else 0.6
                likely = 0.85 * closeness * named * 0.85**number
                ends = text == b"," and spot.text(step + 1) in (b")", b"]")
                likely *= 0.3 if ends else 1.0
                likely = max(likely, _named_by(spot, step, text))
                yield Edit((replaced(spot.file, token, token, text),), _said(text, token.text), likely)


def _named_by(spot: Spot, step: int, meant: bytes) -> float:
    """How likely a token is that the whole message speaks for, though it does not name it."""
    written = spot.text(step)
    if spot.message.startswith("expected a pattern, found an expression"):
        return 0.9 if (written, meant) == (b".", b"::") else 0.0
    if spot.message.endswith("found `=>`") and ("expected `{`" in spot.message or "an operator" in spot.message):
        return 0.8 if (written, meant) == (b"=>", b">=") else 0.0
    if step == 0 and (written, meant) == (b".", b"::") and spot.text(-1)[:1].isupper() and spot.text(1)[:1].isupper():
        return 0.9
    # `one.two::three`: a path, of which the compiler has read a field.
    return 0.85 if (step, spot.text(), written, meant) == (-2, b"::", b".", b"::") else 0.0


def _pairs(spot: Spot) -> Iterator[Edit]:
    for step, closeness in _STEPS:
        first, last = spot.token(step), spot.token(step + 1)
        text = _PAIRS.get((spot.text(step), spot.text(step + 1)))
        if first is not None and last is not None and text is not None:
            written = spot.file.data[first.start : last.end]
            likely = 0.95 if first.end == last.start else 0.9 * closeness
            yield Edit((replaced(spot.file, first, last, text),), _said(text, written), likely)


def _said(text: bytes, written: bytes) -> str:
    return f"write `{text.decode().strip()}` for `{written.decode('utf-8', 'replace')}`"


PLUGIN = Mend(
    codes=("", "E0070", "E0308"),
    title="write the token that was meant for its like",
    cites=("docs:reference/tokens.html#punctuation", "docs:book/appendix-02-operators.html"),
    examples=(
        Example(
            "pub fn full(x: u8, y: u8) -> bool {\n    x => y\n}\n",
            "pub fn full(x: u8, y: u8) -> bool {\n    x >= y\n}\n",
        ),
        Example(
            "pub fn a(x: Option<u8>) -> u8 {\n    match x {\n        Option.Some(y) => y,\n        _ => 0,\n    }\n}\n",
            "pub fn a(x: Option<u8>) -> u8 {\n    match x {\n        Option::Some(y) => y,\n"
            "        _ => 0,\n    }\n}\n",
        ),
        Example(
            "pub fn now() -> u64 {\n    std.time::Duration::from_secs(1).as_secs()\n}\n",
            "pub fn now() -> u64 {\n    std::time::Duration::from_secs(1).as_secs()\n}\n",
        ),
        Example(
            "pub struct Point {\n    pub x: i32;\n    pub y: i32,\n}\n",
            "pub struct Point {\n    pub x: i32,\n    pub y: i32,\n}\n",
        ),
        Example(
            "pub fn total() -> i32 {\n    let sum := 1 + 2;\n    sum\n}\n",
            "pub fn total() -> i32 {\n    let sum = 1 + 2;\n    sum\n}\n",
        ),
        Example(
            "pub fn small(x: u8) -> bool {\n    match x {\n        0=..9 => true,\n        _ => false,\n    }\n}\n",
            "pub fn small(x: u8) -> bool {\n    match x {\n        0..=9 => true,\n        _ => false,\n    }\n}\n",
        ),
        Example(
            "pub fn sum(n: u8) -> u8 {\n    let mut sum = 0;\n    for x in 1=..n {\n        sum += x;\n    }\n"
            "    sum\n}\n",
            "pub fn sum(n: u8) -> u8 {\n    let mut sum = 0;\n    for x in 1..=n {\n        sum += x;\n    }\n"
            "    sum\n}\n",
        ),
        Example(
            "pub fn sign(x: i8, no: i8) -> i8 {\n    match x {\n        x if x == no = 0,\n        _ => x.signum(),\n"
            "    }\n}\n",
            "pub fn sign(x: i8, no: i8) -> i8 {\n    match x {\n        x if x == no => 0,\n        _ => x.signum(),\n"
            "    }\n}\n",
        ),
        Example(
            "pub fn some(mut x: u8) -> bool {\n    x += 1;\n    if x =! 0 {\n        return true;\n    }\n"
            "    false\n}\n",
            "pub fn some(mut x: u8) -> bool {\n    x += 1;\n    if x != 0 {\n        return true;\n    }\n"
            "    false\n}\n",
        ),
    ),
    patches=_patches,
)
