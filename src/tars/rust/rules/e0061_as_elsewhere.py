"""Hands over what is missing as other places do: an argument of a call, a field of a struct, by the same name."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import calls_of, fields, items, parameters
from tars.rust.rules_support.mend import Mend, Site, children, enclosing_function, patch
from tars.rust.rules_support.signatures import uses
from tars.rust.rules_support.types import parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_OFFERED_MAX = 3
_NEAR = 20
"""As often as a call in the same function counts: in others `f` is something else."""
_FIELD = re.compile(r"missing fields? `(\w+)` in initializer of `(?:\w+::)*(\w+)")


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0063":
        yield from _field(site)
        return
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call is not None else None
    listed = call.child_by_field_name("arguments") if call is not None else None
    if call is None or function is None or listed is None:
        return
    given = children(listed)
    field = function.child_by_field_name("field") if function.type == "field_expression" else None
    name = site.file.text(field or function.child_by_field_name("name") or function)
    texts: list[tuple[str, int]] = []
    around = enclosing_function(call)
    for file, other in calls_of(site.context, name):
        arguments = other.child_by_field_name("arguments")
        theirs = children(arguments) if arguments is not None else []
        if len(theirs) == len(given) + 1:
            near = file.path == site.file.path and enclosing_function(other) == around
            texts += [(file.text(one), at) for at, one in enumerate(theirs)] * (_NEAR if near else 1)
    own = [site.file.text(one) for one in given]
    for number, (text, at) in enumerate(_likeliest((text, at) for text, at in texts if text not in own)):
        yield patch(f"hand over `{text}`, as elsewhere", 0.7 - 0.12 * number, _put(site.file, listed, given, text, at))


def _likeliest(texts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The most frequent, those first that are written alike everywhere: paths and literals before variables."""
    counted = Counter(texts)
    ranked = sorted(counted, key=lambda one: (-counted[one] - 2 * ("::" in one[0] or one[0].isupper()), one))
    return ranked[:_OFFERED_MAX]


def _put(file: SourceFile, listed: Node, given: list[Node], text: str, at: int) -> Change:
    if not given:
        return file.insert(listed.start_byte + 1, text)
    if at >= len(given):
        return file.insert(given[-1].end_byte, f", {text}")
    return file.insert(given[at].start_byte, f"{text}, ")


def _field(site: Site) -> Iterator[Patch]:
    said = _FIELD.match(site.diagnostic.message)
    literal = site.up("struct_expression")
    body = literal.child_by_field_name("body") if literal is not None else None
    if said is None or body is None:
        return
    texts: Counter[str] = Counter()
    for path in sorted(site.context.files):
        file = site.file_of(site.place) if path == site.file.path else site.context.files[path]
        for one in file.walk("field_initializer"):
            named, value = one.child_by_field_name("field"), one.child_by_field_name("value")
            if named is not None and value is not None and file.text(named) == said[1]:
                texts[file.text(value)] += 1
    given = children(body)
    ways = [(text, 0.5 - 0.1 * number) for number, (text, _) in enumerate(texts.most_common(_OFFERED_MAX))]
    for text, sure in [*_unused(site, said[1], said[2]), *ways]:
        written = f"{said[1]}: {text}"
        # First, so that it is worked out before another field takes what it looks at.
        before = given[0].start_byte if given else body.start_byte + 1
        change = site.file.insert(before, f"{written}, " if given else f" {written} ")
        yield patch(f"fill in `{written}`, as it is meant", sure, change)


def _unused(site: Site, field: str, owner: str) -> Iterator[tuple[str, float]]:
    """Of a parameter that nothing uses, what the field holds is made."""
    function = enclosing_function(site.node)
    body = function.child_by_field_name("body") if function is not None else None
    if function is None or body is None:
        return
    types = [type_ for file, node in items(site.context, "struct_item", name=owner)
             for name, type_ in fields(file, node) if name == field]  # fmt: skip
    for one in parameters(function):
        pattern = one.child_by_field_name("pattern")
        name = site.file.text(pattern).removeprefix("mut ") if pattern is not None else ""
        if not name.isidentifier() or uses(site.file, body, name):
            continue
        yield name, 0.62
        wrapper = parse_type(types[0]) if types else None
        if wrapper is not None and wrapper.arguments:
            yield f"{wrapper.head}::new({name})", 0.6


PLUGIN = Mend(
    codes=("E0057", "E0061", "E0063"),
    title="hand over what is missing as it is elsewhere",
    cites=("docs:error_codes/E0061.html", "docs:error_codes/E0063.html"),
    examples=(
        Example(
            """
pub fn steps(least: usize, most: Option<usize>, first: bool) -> (usize, Option<usize>) {
    let step = most.unwrap_or(2);
    if first {
        let f = move |n: usize| 1 + n / step;
        (f(), most.map(f))
    } else {
        let f = |n: usize| n / 3;
        (f(least), most.map(f))
    }
}
""",
            """
pub fn steps(least: usize, most: Option<usize>, first: bool) -> (usize, Option<usize>) {
    let step = most.unwrap_or(2);
    if first {
        let f = move |n: usize| 1 + n / step;
        (f(least), most.map(f))
    } else {
        let f = |n: usize| n / 3;
        (f(least), most.map(f))
    }
}
""",
        ),
        Example(
            """
const BITS: usize = 8;
fn parts(count: usize, size: usize) -> (usize, usize) {
    (count / size, count % size)
}
pub fn blocks(count: usize) -> usize {
    parts(count, BITS).0
}
pub fn rest(count: usize) -> usize {
    parts(count).1
}
""",
            """
const BITS: usize = 8;
fn parts(count: usize, size: usize) -> (usize, usize) {
    (count / size, count % size)
}
pub fn blocks(count: usize) -> usize {
    parts(count, BITS).0
}
pub fn rest(count: usize) -> usize {
    parts(count, BITS).1
}
""",
        ),
        Example(
            """
pub struct Set {
    bits: Vec<u8>,
    size: usize,
}
pub fn of(bits: Vec<u8>) -> Set {
    Set { size: bits.len(), bits }
}
pub fn empty(bits: Vec<u8>) -> Set {
    Set { bits }
}
""",
            """
pub struct Set {
    bits: Vec<u8>,
    size: usize,
}
pub fn of(bits: Vec<u8>) -> Set {
    Set { size: bits.len(), bits }
}
pub fn empty(bits: Vec<u8>) -> Set {
    Set { size: bits.len(), bits }
}
""",
        ),
        Example(
            """
use std::cell::Cell;
pub struct Once<T> {
    value: Cell<T>,
    done: bool,
}
pub fn once<T>(value: T) -> Once<T> {
    Once { done: false }
}
""",
            """
use std::cell::Cell;
pub struct Once<T> {
    value: Cell<T>,
    done: bool,
}
pub fn once<T>(value: T) -> Once<T> {
    Once { value: Cell::new(value), done: false }
}
""",
        ),
    ),
    patches=_patches,
)
