"""Asks in a `where` what is asked of a type that holds a type parameter: `where A::Item: Clone`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_BOUND = re.compile(r"the trait bound `(.+): ([\w:]+(?:<.*>)?)` is not satisfied$")
_UNMET = re.compile(r"bounds were not satisfied:\n(?:.*\n)*?`(.+?): ([\w:]+)`")
_OPERATION = re.compile(r"cannot (add|subtract|multiply|divide) `(.+)` (?:to|from|by) `(.+)`$")
_TRAITS = {"add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div"}
_OF = re.compile(r"<(\w+) as [\w:<> ]+?>::(\w+)")
_OWNERS = ("impl_item", "function_item")


def _patches(site: Site) -> Iterator[Patch]:
    asked = _asked(site)
    if asked is None:
        return
    type_, bound = asked
    sure = 0.62
    owners = [one for one in (site.node, *ancestors(site.node)) if one.type in _OWNERS]
    for owner in reversed(owners):
        listed = owner.child_by_field_name("type_parameters")
        names = [name_of(site.file, one) for one in children(listed, "type_parameter")] if listed is not None else []
        if any(re.search(rf"\b{name}\b", type_) for name in names) and type_ not in names:
            change = _with_predicate(site.file, owner, f"{type_}: {bound}")
            if change is not None:
                yield patch(f"ask that `{type_}: {bound}`", sure, change)
                sure -= 0.2


def _asked(site: Site) -> tuple[str, str] | None:
    """The type and what is asked of it, as they would be written."""
    message = site.diagnostic.message
    unmet = next((one for note in site.diagnostic.notes if (one := _UNMET.search(note.message))), None)
    if found := unmet if site.diagnostic.code == "E0599" else _BOUND.match(message):
        return _OF.sub(r"\1::\2", found[1]), _OF.sub(r"\1::\2", found[2])
    if found := _OPERATION.match(message):
        # The message has what is taken away first.
        left, right = (found[3], found[2]) if found[1] in ("add", "subtract") else (found[2], found[3])
        own = _TRAITS[found[1]]
        known = own in site.context.symbols.names_in("self", site.place)
        other = "" if left == right else f"{right}, "
        return left, f"{own if known else f'std::ops::{own}'}<{other}Output = {left}>"
    return None


def _with_predicate(file: SourceFile, owner: Node, predicate: str) -> Change | None:
    body = owner.child_by_field_name("body")
    clause = next(iter(children(owner, "where_clause")), None)
    if body is None:
        return None
    indent = file.indent(owner.start_byte)
    if clause is None:
        before = file.data[: body.start_byte].rstrip()
        text = f"\n{indent}where\n{indent}    {predicate},\n{indent}"
        return file.replace(Place(file.path, len(before), body.start_byte), text)
    last = children(clause, "where_predicate")
    if not last or predicate in file.text(clause):
        return None
    return file.insert(last[-1].end_byte, f",\n{indent}    {predicate}")


PLUGIN = Mend(
    codes=("E0277", "E0599"),
    title="ask in a `where` what is asked of a type",
    cites=("docs:error_codes/E0277.html", "docs:reference/items/generics.html#where-clauses"),
    examples=(
        Example(
            """
pub trait Array {
    type Item;
}
pub struct Many<A: Array>(pub Vec<A::Item>);
impl<A: Array> Many<A> {
    pub fn twice(&mut self) {
        self.0.extend_from_within(..);
    }
}
""",
            """
pub trait Array {
    type Item;
}
pub struct Many<A: Array>(pub Vec<A::Item>);
impl<A: Array> Many<A>
where
    A::Item: Clone,
{
    pub fn twice(&mut self) {
        self.0.extend_from_within(..);
    }
}
""",
        ),
        Example(
            """
pub trait Array {
    type Item;
}
fn copied<T: Clone>(one: &T) -> T {
    one.clone()
}
pub struct Many<A: Array>(pub Vec<A::Item>);
impl<A: Array> Many<A> {
    pub fn twice(&mut self) {
        self.0.push(copied(&self.0[0]));
    }
}
""",
            """
pub trait Array {
    type Item;
}
fn copied<T: Clone>(one: &T) -> T {
    one.clone()
}
pub struct Many<A: Array>(pub Vec<A::Item>);
impl<A: Array> Many<A>
where
    A::Item: Clone,
{
    pub fn twice(&mut self) {
        self.0.push(copied(&self.0[0]));
    }
}
""",
        ),
        Example(
            """
use std::num::Wrapping;
use std::ops::Mul;
pub trait Times: Sized + Mul<Self, Output = Self> {
    fn times(&self, by: &Self) -> Self;
}
impl<T: Times> Times for Wrapping<T> {
    fn times(&self, by: &Self) -> Self {
        Wrapping(self.0.times(&by.0))
    }
}
""",
            """
use std::num::Wrapping;
use std::ops::Mul;
pub trait Times: Sized + Mul<Self, Output = Self> {
    fn times(&self, by: &Self) -> Self;
}
impl<T: Times> Times for Wrapping<T>
where
    Wrapping<T>: Mul<Output = Wrapping<T>>,
{
    fn times(&self, by: &Self) -> Self {
        Wrapping(self.0.times(&by.0))
    }
}
""",
        ),
    ),
    patches=_patches,
)
