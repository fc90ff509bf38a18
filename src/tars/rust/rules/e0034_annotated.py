"""Says of which type a value is made where several of the type's forms have the method that is called."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch

_CANDIDATE = re.compile(r"candidate #\d+ is defined in an impl for the type `(.+)`")


def _patches(site: Site) -> Iterator[Patch]:
    access = site.up("field_expression")
    receiver = access.child_by_field_name("value") if access is not None else None
    if receiver is None or receiver.type != "identifier":
        return
    name = site.file.text(receiver)
    local = next((one for one in site.context.symbols.locals_at(site.place) if one.name == name), None)
    let = site.file.node_of(local.place, "let_declaration") if local is not None and not local.type else None
    pattern = let.child_by_field_name("pattern") if let is not None else None
    if pattern is None:
        return
    impl = site.up("impl_item")
    subject = impl.child_by_field_name("type") if impl is not None else None
    own = str(parse_type(site.file.text(subject))) if subject is not None else ""
    for number, text in enumerate(_candidates(site)):
        type_ = str(parse_type(text))
        is_own = type_ == own
        written = "Self" if is_own else type_
        sure = 0.8 if is_own else 0.4 - 0.05 * number
        yield patch(f"it is a `{type_}`", sure, site.file.insert(pattern.end_byte, f": {written}"))


def _candidates(site: Site) -> list[str]:
    found = (_CANDIDATE.match(note.message) for note in site.diagnostic.notes)
    return [one[1] for one in found if one is not None]


PLUGIN = Mend(
    codes=("E0034",),
    title="say of which type a value is",
    cites=("docs:error_codes/E0034.html", "docs:reference/statements.html#let-statements"),
    examples=(
        Example(
            """
use std::marker::PhantomData;
pub struct Stops;
pub struct Wraps;
pub struct Ring<T, B>(Vec<T>, PhantomData<B>);
impl<T, B> Ring<T, B> {
    pub fn new() -> Self {
        Ring(Vec::new(), PhantomData)
    }
}
impl<T> Ring<T, Stops> {
    pub fn put(&mut self, one: T) {
        self.0.push(one);
    }
}
impl<T> Ring<T, Wraps> {
    pub fn put(&mut self, one: T) {
        self.0.insert(0, one);
    }
    pub fn of(one: T) -> Self {
        let mut ring = Ring::new();
        ring.put(one);
        ring
    }
}
""",
            """
use std::marker::PhantomData;
pub struct Stops;
pub struct Wraps;
pub struct Ring<T, B>(Vec<T>, PhantomData<B>);
impl<T, B> Ring<T, B> {
    pub fn new() -> Self {
        Ring(Vec::new(), PhantomData)
    }
}
impl<T> Ring<T, Stops> {
    pub fn put(&mut self, one: T) {
        self.0.push(one);
    }
}
impl<T> Ring<T, Wraps> {
    pub fn put(&mut self, one: T) {
        self.0.insert(0, one);
    }
    pub fn of(one: T) -> Self {
        let mut ring: Self = Ring::new();
        ring.put(one);
        ring
    }
}
""",
        ),
    ),
    patches=_patches,
)
