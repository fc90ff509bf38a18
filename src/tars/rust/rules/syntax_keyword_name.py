"""Mends a keyword that is used as a name: it is written raw, `r#type`, everywhere it stands for the name."""

import re
from collections.abc import Iterator, Sequence

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import KEYWORDS, Edit, Spot, offered, spot_of
from tars.rust.rules_support.tokens import Token
from tars.rust.values import Change, Example, Patch, Place

_BEFORE_VALUES = frozenset(b"if while for match return in let else break await loop unsafe".split())
_NEVER_RAW = (b"self", b"Self", b"super", b"crate", b"_")
_NAMED_AFTER = (b"let", b"mut", b".", b"fn", b"&", b"ref", b"|", b"struct", b"enum", b"mod", b"for")
_FOLLOWS = frozenset(b": , ) ; = . } ] + - * / == != < > <= >= ? | && || += -=".split())
_LEADS = frozenset(b"{ ( , = [ + - * / == != < > <= >= ; && || in return".split())


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if spot is None or "keyword" not in spot.message:
        return
    yield from offered(site.file, _edits(spot))


def _edits(spot: Spot) -> Iterator[Edit]:
    reserved = frozenset(one.encode() for one in re.findall(r"reserved keyword `(\w+)`", spot.message))
    for step in (0, -1, 1):
        token = spot.token(step)
        if token is None or token.text not in KEYWORDS | reserved or token.text in _NEVER_RAW:
            continue
        word = token.text.decode()
        all_ = [one for index, one in enumerate(spot.tokens) if one.text == token.text and _is_name(spot.tokens, index)]
        places = sorted({*all_, token}, key=lambda one: one.start)
        raw = tuple(_written(spot, one, f"r#{word}") for one in places)
        yield Edit(raw, f"write the name `{word}` as `r#{word}`", 0.75 if step == 0 else 0.4)
        yield Edit((_written(spot, token, f"r#{word}"),), f"write the name `{word}` as `r#{word}`", 0.4)


def _written(spot: Spot, token: Token, text: str) -> Change:
    return Change(Place(spot.file.path, token.start, token.end), text)


def _is_name(tokens: Sequence[Token], index: int) -> bool:
    """Whether a keyword stands where only a name can."""
    before = tokens[index - 1].text if index else b""
    after = tokens[index + 1].text if index + 1 < len(tokens) else b""
    if before in _NAMED_AFTER:
        return before != b"for" or after == b"in"
    called = after == b"(" and tokens[index].text not in _BEFORE_VALUES
    return before in _LEADS and (after in _FOLLOWS or called)


PLUGIN = Mend(
    codes=("",),
    title="write a name that is a keyword as a raw identifier",
    cites=(
        "docs:reference/identifiers.html#raw-identifiers",
        "docs:rust-by-example/compatibility/raw_identifiers.html",
    ),
    examples=(
        Example(
            "pub fn one() -> u8 {\n    let type = 1;\n    type\n}\n",
            "pub fn one() -> u8 {\n    let r#type = 1;\n    r#type\n}\n",
        ),
        Example(
            "pub struct One {\n    pub match: u8,\n}\n\npub fn get(one: &One) -> u8 {\n    one.match\n}\n",
            "pub struct One {\n    pub r#match: u8,\n}\n\npub fn get(one: &One) -> u8 {\n    one.r#match\n}\n",
        ),
        Example(
            "pub fn gen(n: u8) -> u8 {\n    n\n}\n\npub fn show() {\n    let gen = gen(1);\n"
            '    println!("{}", gen + 1);\n}\n',
            "pub fn r#gen(n: u8) -> u8 {\n    n\n}\n\npub fn show() {\n    let r#gen = r#gen(1);\n"
            '    println!("{}", r#gen + 1);\n}\n',
            edition="2024",
        ),
    ),
    patches=_patches,
)
