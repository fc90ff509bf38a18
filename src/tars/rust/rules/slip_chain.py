"""Puts a call back into a chain that another chain has between the same two: `repeat(0).enumerate().take(2)`."""

import re
from collections import Counter
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch

_STATEMENTS = ("expression_statement", "let_declaration", "function_item", "closure_expression", "match_arm")
_OFFERED_MAX = 4


def _patches(site: Site) -> Iterator[Patch]:
    around = next((one for one in (site.node, *ancestors(site.node)) if one.type in _STATEMENTS), None)
    if around is None:
        return
    known = _known(site)
    found: list[tuple[float, int, str]] = []
    for call in site.file.walk("call_expression", within=around):
        inner = _receiver(call)
        if inner is None or inner.type != "call_expression":
            continue
        link = (_name(site.file, inner), _name(site.file, call))
        for text, (times, before) in known.get(link, {}).items():
            like = site.file.text(inner) in before
            found.append((0.5 if like else 0.2 + 0.02 * min(times, 4), inner.end_byte, text))
    for number, (sure, at, text) in enumerate(sorted(found, key=lambda one: (-one[0], one[1], one[2]))[:_OFFERED_MAX]):
        yield patch(f"call `{text}` there, as elsewhere", max(sure - 0.03 * number, 0.06), site.file.insert(at, text))


def _known(site: Site) -> dict[tuple[str, str], dict[str, tuple[int, set[str]]]]:
    """Of each pair of names the calls that stand between them somewhere, how often, and behind what."""
    counted: dict[tuple[str, str], Counter[str]] = {}
    before: dict[tuple[str, str, str], set[str]] = {}
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for last in file.walk("call_expression"):
            middle = _receiver(last)
            first = _receiver(middle) if middle is not None and middle.type == "call_expression" else None
            if middle is None or first is None or first.type != "call_expression":
                continue
            text = file.data[first.end_byte : middle.end_byte].decode().strip()
            # What it is handed must be there too.
            if re.fullmatch(r"\.\w+\(\)", text):
                pair = (_name(file, first), _name(file, last))
                counted.setdefault(pair, Counter())[text] += 1
                before.setdefault((*pair, text), set()).add(file.text(first))
    return {
        pair: {text: (times, before[*pair, text]) for text, times in texts.items()} for pair, texts in counted.items()
    }


def _receiver(call: Node) -> Node | None:
    """What a method is called on."""
    function = call.child_by_field_name("function")
    return (
        function.child_by_field_name("value") if function is not None and function.type == "field_expression" else None
    )


def _name(file: SourceFile, call: Node) -> str:
    """The last name of what is called."""
    function = call.child_by_field_name("function")
    last = (
        function.child_by_field_name("field")
        if function is not None and function.type == "field_expression"
        else function
    )
    return re.sub(r"::<.*", "", file.text(last)).rpartition("::")[2] if last is not None else ""


PLUGIN = Mend(
    codes=("E0308", "E0271", "E0277", "E0599"),
    title="put a call back that other chains have there",
    cites=("docs:reference/expressions/method-call-expr.html", "docs:std/iter/trait.Iterator.html"),
    examples=(
        Example(
            """
use std::iter;
pub fn padded(all: &[u8], to: usize) -> Vec<(usize, u8)> {
    let whole: Vec<(usize, u8)> = all.iter().copied().enumerate().chain(iter::repeat(0).enumerate().take(to)).collect();
    let none: Vec<(usize, u8)> = all.iter().copied().enumerate().chain(iter::repeat(0).take(0)).collect();
    if to > 0 { whole } else { none }
}
""",
            """
use std::iter;
pub fn padded(all: &[u8], to: usize) -> Vec<(usize, u8)> {
    let whole: Vec<(usize, u8)> = all.iter().copied().enumerate().chain(iter::repeat(0).enumerate().take(to)).collect();
    let none: Vec<(usize, u8)> = all.iter().copied().enumerate().chain(iter::repeat(0).enumerate().take(0)).collect();
    if to > 0 { whole } else { none }
}
""",
        ),
        Example(
            """
pub fn low(text: &str) -> usize {
    text.trim().bytes().filter(u8::is_ascii_lowercase).count()
}
pub fn high(text: &str) -> usize {
    text.trim().filter(u8::is_ascii_uppercase).count()
}
""",
            """
pub fn low(text: &str) -> usize {
    text.trim().bytes().filter(u8::is_ascii_lowercase).count()
}
pub fn high(text: &str) -> usize {
    text.trim().bytes().filter(u8::is_ascii_uppercase).count()
}
""",
        ),
        Example(
            """
pub fn first(all: &[u8]) -> Option<u8> {
    all.iter().copied().next()
}
pub fn second(all: &[u8]) -> Option<u8> {
    all[1..].iter().next()
}
""",
            """
pub fn first(all: &[u8]) -> Option<u8> {
    all.iter().copied().next()
}
pub fn second(all: &[u8]) -> Option<u8> {
    all[1..].iter().copied().next()
}
""",
        ),
        Example(
            """
pub fn all(all: &[u8]) -> Box<[u8]> {
    all.iter().copied().collect()
}
pub fn rest(all: &[u8]) -> Box<[u8]> {
    all[1..].iter().collect()
}
""",
            """
pub fn all(all: &[u8]) -> Box<[u8]> {
    all.iter().copied().collect()
}
pub fn rest(all: &[u8]) -> Box<[u8]> {
    all[1..].iter().copied().collect()
}
""",
        ),
    ),
    patches=_patches,
)
