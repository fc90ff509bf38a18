"""Mends a parameter without a type: it gets that of what is handed to it, or one that its use speaks for."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, Spot, offered, spot_of
from tars.rust.values import Example, Patch

_BY_NAME = (
    (re.compile(r"(name|text|message|msg|str|word|line|path|title|label|s|input)\b|.*_(name|text|str)$"), "&str"),
    (re.compile(r"(n|i|j|k|len|count|size|index|limit|width|height|capacity|max|min|start|end|times)\b"), "usize"),
    (re.compile(r".*_(len|count|index)$"), "usize"),
    (re.compile(r"(is|has|can|should|with)_|.*(enabled|flag)$"), "bool"),
    (re.compile(r"(x|y|z|ratio|rate|price|scale|factor|angle|radius)\b"), "f64"),
)
_USUAL = ("i32", "usize", "&str", "f64", "String", "u32", "bool")
_LITERALS = (
    (re.compile(r"-?\d[\d_]*$"), "i32"),
    (re.compile(r"-?\d[\d_]*(?:u8|u16|u32|u64|usize|i8|i16|i64|isize|f32|f64)$"), ""),
    (re.compile(r"-?\d[\d_]*\.\d*$"), "f64"),
    (re.compile(r'"'), "&str"),
    (re.compile(r"(true|false)$"), "bool"),
    (re.compile(r"'"), "char"),
    (re.compile(r"String::|.*\.to_string\(\)$"), "String"),
    (re.compile(r"vec!\["), "Vec<i32>"),
)
_OFFERED_MAX = 4


def _patches(site: Site) -> Iterator[Patch]:
    spot = spot_of(site)
    if spot is None or not {b":", b"|"} <= spot.expected or spot.text() not in (b")", b","):
        return
    name = spot.token(-1)
    if name is not None and name.kind == "word":
        yield from offered(site.file, _edits(spot, name.text.decode()), _OFFERED_MAX)


def _edits(spot: Spot, name: str) -> Iterator[Edit]:
    token = spot.token(-1)
    if token is None:
        return
    for number, type_ in enumerate(dict.fromkeys((*_given(spot), *_returned(spot, name), *_by_name(name), *_USUAL))):
        change = spot.file.insert(token.end, f": {type_}")
        yield Edit((change,), f"the parameter is of type `{type_}`", 0.6 * 0.8**number)


def _given(spot: Spot) -> Iterator[str]:
    """The types of literals that the function is called with there."""
    depth, index, place = 0, spot.at - 1, 0
    while index > 0:
        text = spot.tokens[index].text
        depth += spot.tokens[index].closes - spot.tokens[index].opens
        if depth < 0:
            break
        place += depth == 0 and text == b","
        index -= 1
    called = spot.tokens[index - 1].text
    own = spot.tokens[index + 1 : index + 3]
    method = any(one.text == b"self" for one in own)
    for found in re.finditer(re.escape(called) + rb"\(([^()]*)\)", spot.file.data):
        arguments = found[1].decode("utf-8", "replace").split(",")
        at = place - 1 if method else place
        if found.start() > spot.tokens[index - 1].start + 1 and 0 <= at < len(arguments):
            yield from _of_literal(arguments[at].strip())


def _of_literal(text: str) -> Iterator[str]:
    for form, type_ in _LITERALS:
        if form.match(text):
            yield type_ or re.sub(r"^-?[\d_]+", "", text)
            return


def _returned(spot: Spot, name: str) -> Iterator[str]:
    """The return type of a function whose value is the parameter."""
    rest = spot.file.data[spot.tokens[spot.at].start :]
    found = re.match(rb"[^{]*?->\s*([\w<>&' ]+?)\s*\{\s*(\w+)\s*\}?", rest)
    if found and found[2].decode() == name:
        yield found[1].decode()


def _by_name(name: str) -> Iterator[str]:
    return (type_ for form, type_ in _BY_NAME if form.match(name))


PLUGIN = Mend(
    codes=("",),
    title="give a parameter its type",
    cites=("docs:reference/items/functions.html#function-parameters", "docs:book/ch03-03-how-functions-work.html"),
    examples=(
        Example(
            "pub fn keep(x) -> u8 {\n    x\n}\n",
            "pub fn keep(x: u8) -> u8 {\n    x\n}\n",
        ),
        Example(
            "pub fn size(all: &[u8], limit) -> bool {\n    all.len() < limit\n}\n",
            "pub fn size(all: &[u8], limit: usize) -> bool {\n    all.len() < limit\n}\n",
        ),
    ),
    patches=_patches,
)
