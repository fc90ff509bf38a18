"""Mends two words that were run together: `letx`, `Okvalue)`, `applyF>(…)`, `selfname`."""

import re
from collections import Counter
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import KEYWORDS, Edit, Spot, offered, spot_of
from tars.rust.rules_support.tokens import Token, index_at, tokens_of
from tars.rust.values import Example, Patch

_STEPS = (0, -1, 1, -2, 2, -3)
_LONGEST = 60
_USUAL = frozenset(b"self Self String Vec std Option Result Box Rc Arc HashMap HashSet RefCell Some Ok Err str".split())


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if spot is not None:
        yield from offered(site.file, _split(spot))
    elif site.diagnostic.code == "E0425":
        tokens = tokens_of(site.file)
        at = index_at(tokens, site.place.start)
        if at < len(tokens):
            named = Spot(site.file, tokens, at, frozenset(), site.diagnostic.message)
            yield from offered(site.file, (*_parts(named), *_split(named)))


def _split(spot: Spot) -> Iterator[Edit]:
    """A keyword and what follows it, or a name and the generics that follow it."""
    known = _known(spot)
    for number, token in enumerate(one for step in _STEPS if (one := spot.token(step)) is not None):
        if token.kind != "word" or token.text in KEYWORDS:
            continue
        for at in range(1, min(len(token.text), _LONGEST)):
            left, right = token.text[:at], token.text[at:]
            if left in KEYWORDS and (right in known or re.match(rb"[a-z_]\w*$", right)):
                yield _edit(spot, token, at, " ", 0.75 * 0.9**number if right in known or len(left) > 2 else 0.3)
            if re.fullmatch(rb"[A-Z]\w?", right) or right in known:
                likely = 0.6 if left in known else 0.2
                yield _edit(spot, token, at, "<", likely * 0.9**number)


def _parts(spot: Spot) -> Iterator[Edit]:
    """A variable and its field or method, or a type and what belongs to it: the words that stand at the place."""
    known = _known(spot)
    for step in (0, 1, 2, 3, 4):
        token = spot.token(step)
        if token is None or token.kind != "word" or (step and token.text in known):
            continue
        for at in range(1, min(len(token.text), _LONGEST)):
            left, right = token.text[:at], token.text[at:]
            if left not in known or right[:1].isdigit() or left == right:
                continue
            lower = left[:1].islower() and not (step and spot.text(step - 1) == b"::")
            likely = 0.75 if right in known else 0.45 if len(left) > 2 and len(right) > 2 else 0.1
            yield _edit(spot, token, at, "." if lower else "::", likely)


def _edit(spot: Spot, token: Token, at: int, sign: str, likely: float) -> Edit:
    word = {" ": "a blank"}.get(sign, f"`{sign}`")
    return Edit((spot.file.insert(token.start + at, sign),), f"put {word} between two words", likely)


def _known(spot: Spot) -> set[bytes]:
    """The other words of the file, and a few that every program has."""
    times = Counter(token.text for token in spot.tokens if token.kind == "word")
    here = {spot.text(step) for step in (0, 1, 2)}
    return {word for word, often in times.items() if word not in here or often > 1} | _USUAL


PLUGIN = Mend(
    codes=("", "E0425"),
    title="part two words that were run together",
    cites=("docs:reference/tokens.html", "docs:reference/identifiers.html"),
    examples=(
        Example("pub fn one() -> u8 {\n    letx = 1;\n    x\n}\n", "pub fn one() -> u8 {\n    let x = 1;\n    x\n}\n"),
        Example(
            "pub fn keepT>(x: T) -> T {\n    x\n}\n\npub fn one() -> u8 {\n    keep(1)\n}\n",
            "pub fn keep<T>(x: T) -> T {\n    x\n}\n\npub fn one() -> u8 {\n    keep(1)\n}\n",
        ),
        Example(
            "pub struct One {\n    pub size: u8,\n}\n\nimpl One {\n    pub fn get(&self) -> u8 {\n"
            "        selfsize\n    }\n}\n",
            "pub struct One {\n    pub size: u8,\n}\n\nimpl One {\n    pub fn get(&self) -> u8 {\n"
            "        self.size\n    }\n}\n",
        ),
    ),
    patches=_patches,
)
