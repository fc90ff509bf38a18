"""Mends a forgotten keyword at the beginning of a statement or item: `match`, `if`, `let`, `fn`, `impl`, `struct`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.syntax import Edit, Spot, offered, spot_of
from tars.rust.rules_support.tokens import Token
from tars.rust.values import Example, Patch

_LINES_BACK = 3
_TEST = re.compile(rb"[<>!=]=|[<>]\s|&&|\|\||\.(is|has|contains|starts|ends)\w*\(")
_PLACES_MAX = 8


def _patches(site: Site) -> Iterator[Patch]:
    yield from _behind_attribute(site)
    spot = spot_of(site)
    if spot is not None:
        yield from offered(site.file, _edits(spot))


def _behind_attribute(site: Site) -> Iterator[Patch]:
    """`#[cfg(unix)] x = 1;`: without its `let` it is no statement that an attribute may stand before."""
    if not site.diagnostic.message.startswith(("removing an expression", "attributes on expressions")):
        return
    found = re.match(rb"\s*(?=(mut\s+)?[a-z_]\w*\s*(:[^=;]*)?=[^=])", site.file.data[site.place.end :])
    if found is not None:
        yield patch("insert the missing `let`", 0.85, site.file.insert(site.place.end + found.end(), "let "))


def _edits(spot: Spot) -> Iterator[Edit]:
    for number, token in enumerate(_beginnings(spot)):
        line = spot.file.data[token.start : spot.file.line_end(token.start)]
        after = spot.file.data[spot.file.line_end(token.start) :][:200].strip()
        for word, likely in _fitting(line.strip(), after):
            blank = "" if token.text == b"<" else " "
            change = spot.file.insert(token.start, f"{word}{blank}")
            yield Edit((change,), f"insert the missing `{word}`", likely * 0.9**number)


def _beginnings(spot: Spot) -> list[Token]:
    """The tokens where a statement, item or value begins, on the line of the spot and a few before it, and where the
    block around it was opened."""
    found: list[Token] = []
    low = spot.tokens[spot.at].line - _LINES_BACK
    depth = 0
    for index in range(spot.at, -1, -1):
        token, before = spot.tokens[index], spot.tokens[index - 1] if index else None
        near = token.line >= low
        begins = (
            before is None or token.first or before.text in (b"=", b"=>", b"(", b"{", b"}", b";", b"else", b"return")
        )
        if near and begins and token.kind in ("word", "sign") and not token.closes:
            found.append(token)
        depth += token.closes - token.opens
        if token.opens and depth < 0:
            found += _line_of(spot, index)
            depth = 0
            if not near:
                break
    return list(dict.fromkeys(found))[:_PLACES_MAX]


def _line_of(spot: Spot, index: int) -> list[Token]:
    """Where the line of a token begins, and where a value on it does, before the token."""
    found: list[Token] = []
    for at in range(index, -1, -1):
        token = spot.tokens[at]
        if token.first or (at and spot.tokens[at - 1].text in (b"=", b"=>", b"return")):
            found.append(token)
        if token.first:
            break
    return found


def _fitting(line: bytes, after: bytes) -> list[tuple[str, float]]:
    """Keywords that a line without its first one may have begun with."""
    found: list[tuple[str, float]] = []
    if line.endswith(b"{") or b"{" in line:
        arms = b"=>" in after.partition(b"\n")[0] or b"=>" in line
        found += [
            ("match", 0.8 if arms else 0.15),
            ("if", 0.5),
            ("while", 0.3),
            ("for", 0.6 if b" in " in line else 0.0),
        ]
        if re.match(rb"let\b", line):
            found += [("if", 0.7), ("while", 0.5)]
        if re.search(rb"\bfor\s+[A-Z&]", line):
            found.append(("impl", 0.8))
        if re.match(rb"[A-Z]\w*(<[^{]*>)?\s*\{", line):
            found += [
                ("struct", 0.6 if b":" in line + after.partition(b"\n")[0] else 0.3),
                ("enum", 0.4),
                ("impl", 0.5),
            ]
            found += [("trait", 0.2)]
        if re.match(rb"[a-z_]\w*(<[^(]*>)?\(.*\)\s*(->[^{]*)?\{", line):
            found.append(("fn", 0.7))
        if re.match(rb"[a-z_]\w*\s*\{", line):
            found += [("mod", 0.4), ("loop", 0.1), ("else", 0.1)]
        found.append(("else", 0.5 if line.startswith(b"{") else 0.2))
        found.append(("else if", 0.2))
    if re.match(rb"[A-Z]\w*(<[^>]*>)?\s*(\(.*\))?\s*;", line):
        found += [("struct", 0.7), ("use", 0.1)]
    if re.match(rb"[a-z]\w*(::[\w{}, *]+)+\s*;", line):
        found += [("use", 0.7)]
    if re.match(rb"(mut\s+)?[a-z_(][\w, )]*(:[^=]*)?=[^=]", line):
        found += [("let", 0.6), ("const", 0.1), ("type", 0.1)]
    if re.match(rb"[A-Z]\w*(<[^>]*>)?\s*=", line):
        found += [("type", 0.6)]
    if re.match(rb"[A-Z_0-9]+\s*:", line):
        found += [("const", 0.6), ("static", 0.3)]
    return [(word, likely) for word, likely in found if likely > 0]


PLUGIN = Mend(
    codes=("", "E0658"),
    title="insert the forgotten keyword",
    cites=("docs:reference/keywords.html", "docs:reference/items.html"),
    examples=(
        Example(
            "pub fn sign(x: i32) -> i32 {\n    x {\n        0 => 0,\n        _ => 1,\n    }\n}\n",
            "pub fn sign(x: i32) -> i32 {\n    match x {\n        0 => 0,\n        _ => 1,\n    }\n}\n",
        ),
        Example(
            "pub struct One;\n\nClone for One {\n    fn clone(&self) -> One {\n        One\n    }\n}\n",
            "pub struct One;\n\nimpl Clone for One {\n    fn clone(&self) -> One {\n        One\n    }\n}\n",
        ),
        Example(
            "pub fn abs(x: i32) -> i32 {\n    x < 0 {\n        return -x;\n    }\n    x\n}\n",
            "pub fn abs(x: i32) -> i32 {\n    if x < 0 {\n        return -x;\n    }\n    x\n}\n",
        ),
        Example(
            "pub fn size() -> u8 {\n    #[cfg(unix)]\n    size = 1;\n    #[cfg(not(unix))]\n    let size = 2;\n"
            "    size\n}\n",
            "pub fn size() -> u8 {\n    #[cfg(unix)]\n    let size = 1;\n    #[cfg(not(unix))]\n    let size = 2;\n"
            "    size\n}\n",
        ),
    ),
    patches=_patches,
)
