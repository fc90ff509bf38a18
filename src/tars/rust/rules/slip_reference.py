"""Takes back a `&` or `*` too many or too few, where a value is used or where its name was bound.

What other rules know better they say with more confidence: this is for what is left.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.spots import names_at, parameter_type, spots
from tars.rust.values import Change, Example, Patch

_GROUPED = ("binary_expression", "type_cast_expression", "range_expression", "assignment_expression")
_SURE = 0.2
_FADING = 0.016
_LEAST = 0.05
_ITERATES = re.compile(
    r"has type `(?:[\w:]*::)?(?:Iter|IterMut|IntoIter|Enumerate|Map|Filter|FilterMap|Zip|Rev|Skip|Take|Peekable|Chars"
    r"|CharIndices|Bytes|Lines|Split\w*|Chain|Windows|Chunks\w*|Drain|Keys|Values|Range|StepBy|Cloned|Copied)\b"
)


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0507":
        yield from _gone_through(site)
        return
    for number, node in enumerate(spots(site)):
        sure = max(_SURE - _FADING * number, _LEAST)
        for change, what, share in _edits(site, node):
            yield patch(what, max(sure * share, _LEAST), *change)
    for name in names_at(site)[:3]:
        written = parameter_type(site, name)
        if written is not None:
            yield from _declared(site, written)


def _gone_through(site: Site) -> Iterator[Patch]:
    """A loop over an iterator that is a field goes on from where the iterator is, and does not take it."""
    loop = site.node.parent
    if loop is None or loop.type != "for_expression" or not any(_ITERATES.search(one.text) for one in site.labels()):
        return
    yield patch("go on with the iterator itself", 0.7, site.file.insert(site.place.start, "&mut "))


def _edits(site: Site, node: Node) -> Iterator[tuple[list[Change], str, float]]:
    file, parent = site.file, node.parent
    inner = node.child_by_field_name("value")
    if node.type == "reference_expression" and inner is not None:
        mutable = any(child.type == "mutable_specifier" for child in node.children)
        yield [file.replace(node, file.text(inner))], "take the value itself", 1.0
        yield [file.replace(node, f"&{'' if mutable else 'mut '}{file.text(inner)}")], "lend it otherwise", 0.6
        if inner.type != "unary_expression":
            yield [file.insert(inner.start_byte, "*")], "lend what it refers to", 0.7
        return
    if node.type == "unary_expression" and file.text(node).startswith("*"):
        yield [file.delete(node.children[0])], "take what it is, not what it refers to", 1.0
        return
    if parent is not None and parent.type in ("field_expression", "reference_expression", "expression_statement"):
        return
    opening, closing = ("(", ")") if node.type in _GROUPED else ("", "")
    for mark, what, share in (("&", "lend it", 0.8), ("*", "take what it refers to", 0.7), ("&mut ", "lend it", 0.4)):
        changes = [file.insert(node.start_byte, mark + opening)]
        yield [*changes, file.insert(node.end_byte, closing)] if closing else changes, what, share


def _declared(site: Site, written: Node) -> Iterator[Patch]:
    inner = written.child_by_field_name("type")
    if written.type == "reference_type" and inner is not None:
        mutable = any(child.type == "mutable_specifier" for child in written.children)
        change = (
            site.file.delete(next(one for one in written.children if one.type == "mutable_specifier"))
            if mutable
            else site.file.insert(inner.start_byte, "mut ")
        )
        yield patch("take another kind of loan", 0.12, change)
        yield patch("take the value itself", 0.1, site.file.replace(written, site.file.text(inner)))
    else:
        yield patch("take a loan", 0.1, site.file.insert(written.start_byte, "&"))


PLUGIN = Mend(
    codes=("E0308", "E0277", "E0368", "E0369", "E0507", "E0600", "E0606", "E0609", "E0614", "E0616"),
    title="take back a loan too many or too few",
    cites=(
        "docs:reference/expressions/operator-expr.html#borrow-operators",
        "docs:book/ch04-02-references-and-borrowing.html",
    ),
    examples=(
        Example(
            """
pub struct Walk<'a> {
    all: std::slice::Iter<'a, u8>,
}
impl Walk<'_> {
    pub fn odd(&mut self) -> Option<u8> {
        for one in self.all {
            if one % 2 == 1 {
                return Some(*one);
            }
        }
        None
    }
}
""",
            """
pub struct Walk<'a> {
    all: std::slice::Iter<'a, u8>,
}
impl Walk<'_> {
    pub fn odd(&mut self) -> Option<u8> {
        for one in &mut self.all {
            if one % 2 == 1 {
                return Some(*one);
            }
        }
        None
    }
}
""",
        ),
        Example(
            """
use std::mem::ManuallyDrop;
pub struct Held {
    inner: u8,
}
impl std::ops::Deref for Held {
    type Target = u8;
    fn deref(&self) -> &u8 {
        &self.inner
    }
}
pub fn opened(held: Held) -> u8 {
    let kept = ManuallyDrop::new(*held);
    kept.inner
}
""",
            """
use std::mem::ManuallyDrop;
pub struct Held {
    inner: u8,
}
impl std::ops::Deref for Held {
    type Target = u8;
    fn deref(&self) -> &u8 {
        &self.inner
    }
}
pub fn opened(held: Held) -> u8 {
    let kept = ManuallyDrop::new(held);
    kept.inner
}
""",
        ),
        Example(
            """
use std::mem::ManuallyDrop;
pub struct Held {
    value: u8,
}
impl std::ops::Deref for Held {
    type Target = u8;
    fn deref(&self) -> &u8 {
        &self.value
    }
}
pub fn opened(held: Held) -> u8 {
    let kept = ManuallyDrop::new(*held);
    kept.value
}
""",
            """
use std::mem::ManuallyDrop;
pub struct Held {
    value: u8,
}
impl std::ops::Deref for Held {
    type Target = u8;
    fn deref(&self) -> &u8 {
        &self.value
    }
}
pub fn opened(held: Held) -> u8 {
    let kept = ManuallyDrop::new(held);
    kept.value
}
""",
        ),
        Example(
            """
pub fn doubled(start: u32) -> u32 {
    let mut sum = &start;
    sum += start;
    sum
}
""",
            """
pub fn doubled(start: u32) -> u32 {
    let mut sum = start;
    sum += start;
    sum
}
""",
        ),
        Example(
            """
pub fn month(text: &[u8]) -> u8 {
    match text[0..3] {
        b"Jan" => 1,
        _ => 0,
    }
}
""",
            """
pub fn month(text: &[u8]) -> u8 {
    match &text[0..3] {
        b"Jan" => 1,
        _ => 0,
    }
}
""",
        ),
        Example(
            """
#[derive(Clone, Copy)]
pub struct Day(u32);
pub struct Time(u32);
impl From<Day> for Time {
    fn from(day: Day) -> Time {
        Time(day.0 * 24)
    }
}
pub fn hours(day: &Day) -> u32 {
    Time::from(day).0
}
""",
            """
#[derive(Clone, Copy)]
pub struct Day(u32);
pub struct Time(u32);
impl From<Day> for Time {
    fn from(day: Day) -> Time {
        Time(day.0 * 24)
    }
}
pub fn hours(day: &Day) -> u32 {
    Time::from(*day).0
}
""",
        ),
        Example(
            """
pub struct Id(u8);
impl Id {
    pub fn same(&self, other: &Id) -> bool {
        let own = &self.0;
        own == other.0
    }
}
""",
            """
pub struct Id(u8);
impl Id {
    pub fn same(&self, other: &Id) -> bool {
        let own = self.0;
        own == other.0
    }
}
""",
        ),
        Example(
            """
pub fn both(one: u8, two: &u8) -> bool {
    &one == *two
}
""",
            """
pub fn both(one: u8, two: &u8) -> bool {
    one == *two
}
""",
        ),
        Example(
            """
pub struct Sum(i32);
impl std::ops::Neg for Sum {
    type Output = Sum;
    fn neg(self) -> Sum {
        Sum(-self.0)
    }
}
pub fn less(sum: Sum) -> Sum {
    let own = &sum;
    -own
}
""",
            """
pub struct Sum(i32);
impl std::ops::Neg for Sum {
    type Output = Sum;
    fn neg(self) -> Sum {
        Sum(-self.0)
    }
}
pub fn less(sum: Sum) -> Sum {
    let own = sum;
    -own
}
""",
        ),
        Example(
            """
pub fn wide(all: &[u8]) -> u32 {
    let first = &all[0];
    first as u32
}
""",
            """
pub fn wide(all: &[u8]) -> u32 {
    let first = all[0];
    first as u32
}
""",
        ),
        Example(
            """
pub fn next(number: u8) -> u8 {
    *number + 1
}
""",
            """
pub fn next(number: u8) -> u8 {
    number + 1
}
""",
        ),
        Example(
            """
pub struct Sum(i32);
impl std::ops::Add for Sum {
    type Output = Sum;
    fn add(self, other: Sum) -> Sum {
        Sum(self.0 + other.0)
    }
}
pub fn both(one: Sum, two: Sum) -> Sum {
    let first = &one;
    first + two
}
""",
            """
pub struct Sum(i32);
impl std::ops::Add for Sum {
    type Output = Sum;
    fn add(self, other: Sum) -> Sum {
        Sum(self.0 + other.0)
    }
}
pub fn both(one: Sum, two: Sum) -> Sum {
    let first = one;
    first + two
}
""",
        ),
    ),
    patches=_patches,
)
