"""Asks of a type parameter what is asked of the one of its name elsewhere: where bounds were lost, others have them."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_OWNERS = ("impl_item", "struct_item", "enum_item", "trait_item", "function_item")
_OFFERED_MAX = 2


def _patches(site: Site) -> Iterator[Patch]:
    named = _suggested(site)
    for owner in (site.node, *ancestors(site.node)):
        free = _free(site.file, owner) if owner.type in _OWNERS else {}
        if free:
            yield from _as_elsewhere(site, owner, free, named)
            return


def _suggested(site: Site) -> set[str]:
    """The traits that declare what is called, as the compiler says."""
    if site.diagnostic.code != "E0599":
        return set()
    texts = [change.text for one in site.diagnostic.suggestions for change in one.changes]
    return {found[1] for text in texts if (found := re.fullmatch(r"(?::| \+)\s*(?:\w+::)*(\w+).*", text, re.S))}


def _free(file: SourceFile, owner: Node) -> dict[str, Node]:
    """The type parameters of which nothing is asked."""
    asked = _asked(file, owner)
    listed = owner.child_by_field_name("type_parameters")
    found = {name_of(file, one): one for one in children(listed, "type_parameter")} if listed is not None else {}
    return {name: one for name, one in found.items() if name not in asked}


def _asked(file: SourceFile, owner: Node) -> dict[str, str]:
    """What is asked of each type parameter, in brackets or in a `where`."""
    found: dict[str, str] = {}
    listed = owner.child_by_field_name("type_parameters")
    for one in children(listed, "type_parameter") if listed is not None else ():
        bounds = one.child_by_field_name("bounds")
        if bounds is not None:
            found[name_of(file, one)] = file.text(bounds).removeprefix(":").strip()
    for clause in children(owner, "where_clause"):
        for one in children(clause, "where_predicate"):
            left, bounds = one.child_by_field_name("left"), one.child_by_field_name("bounds")
            if left is not None and bounds is not None:
                found.setdefault(file.text(left), file.text(bounds).removeprefix(":").strip())
    return found


def _as_elsewhere(site: Site, owner: Node, free: dict[str, Node], named: set[str]) -> Iterator[Patch]:
    """The bounds of the declaration that knows most of these parameters; that of the same type first."""
    ranked: list[tuple[int, int, int, dict[str, str]]] = []
    subject = name_of(site.file, owner)
    for number, (file, other) in enumerate(items(site.context, *_OWNERS)):
        bounds = {name: text for name, text in _asked(file, other).items() if name in free}
        traits = set(re.findall(r"(?<!['\w])[A-Z]\w*", " ".join(bounds.values())))
        # What lives so long has no more methods for that.
        if traits and other != owner:
            same = 2 * (name_of(file, other) == subject) + (file.path == site.file.path)
            ranked.append((-same, -len(bounds), number, bounds))
    offered: list[dict[str, str]] = []
    for *_, bounds in sorted(ranked, key=lambda one: one[:3]):
        if bounds in offered or len(offered) == _OFFERED_MAX:
            continue
        offered.append(bounds)
        said = ", ".join(f"`{name}: {' '.join(text.split())}`" for name, text in bounds.items())
        changes = _written(site.file, owner, free, bounds)
        foreign = bool(named) and not named & set(re.findall(r"\w+", said))
        sure = (0.45 if foreign else 0.75) - 0.2 * (len(offered) - 1)
        yield patch(f"ask for {said}, as elsewhere", sure, *changes)


def _written(file: SourceFile, owner: Node, free: dict[str, Node], bounds: dict[str, str]) -> list[Change]:
    """In the brackets where they are short, else in a `where` of its own."""
    body = owner.child_by_field_name("body")
    clause = next(iter(children(owner, "where_clause")), None)
    if body is None or clause is not None or all(len(text) < 12 for text in bounds.values()):
        return [file.insert(free[name].end_byte, f": {text}") for name, text in bounds.items()]
    indent = file.indent(owner.start_byte)
    before = file.data[: body.start_byte].rstrip()
    lines = "".join(f"{indent}    {name}: {text},\n" for name, text in bounds.items())
    return [file.replace(Place(file.path, len(before), body.start_byte), f"\n{indent}where\n{lines}{indent}")]


PLUGIN = Mend(
    codes=("E0277", "E0599", "E0220", "E0369", "E0618"),
    title="ask of a type parameter what is asked of it elsewhere",
    cites=("docs:reference/trait-bounds.html", "docs:error_codes/E0277.html"),
    examples=(
        Example(
            """
pub struct While<I, P> {
    inner: I,
    test: P,
}
impl<I, P> While<I, P>
where
    I: Iterator<Item = u8>,
    P: Fn(u8) -> bool,
{
    pub fn some(&mut self) -> bool {
        self.inner.next().is_some_and(&self.test)
    }
}
impl<I, P> While<I, P> {
    pub fn all(&mut self) -> bool {
        self.inner.all(&self.test)
    }
    pub fn first(&self) -> bool {
        let test = &self.test;
        (self.test)(1) || test(2)
    }
}
""",
            """
pub struct While<I, P> {
    inner: I,
    test: P,
}
impl<I, P> While<I, P>
where
    I: Iterator<Item = u8>,
    P: Fn(u8) -> bool,
{
    pub fn some(&mut self) -> bool {
        self.inner.next().is_some_and(&self.test)
    }
}
impl<I, P> While<I, P>
where
    I: Iterator<Item = u8>,
    P: Fn(u8) -> bool,
{
    pub fn all(&mut self) -> bool {
        self.inner.all(&self.test)
    }
    pub fn first(&self) -> bool {
        let test = &self.test;
        (self.test)(1) || test(2)
    }
}
""",
        ),
        Example(
            """
pub fn last<I: Iterator>(all: I) -> Option<I::Item> {
    all.last()
}
pub fn first<I>(all: &mut I) -> Option<I::Item> {
    let next = all.next();
    next.map(|one| one)
}
""",
            """
pub fn last<I: Iterator>(all: I) -> Option<I::Item> {
    all.last()
}
pub fn first<I: Iterator>(all: &mut I) -> Option<I::Item> {
    let next = all.next();
    next.map(|one| one)
}
""",
        ),
        Example(
            """
pub fn most<T: Ord + Copy>(one: T, two: T) -> T {
    one.max(two)
}
pub fn same<T>(one: T, two: T) -> bool {
    one == two
}
""",
            """
pub fn most<T: Ord + Copy>(one: T, two: T) -> T {
    one.max(two)
}
pub fn same<T: Ord + Copy>(one: T, two: T) -> bool {
    one == two
}
""",
        ),
        Example(
            """
pub fn loud<T: ToString>(one: T) -> String {
    one.to_string().to_uppercase()
}
pub fn louder<T>(one: T) -> String {
    loud(one) + "!"
}
""",
            """
pub fn loud<T: ToString>(one: T) -> String {
    one.to_string().to_uppercase()
}
pub fn louder<T: ToString>(one: T) -> String {
    loud(one) + "!"
}
""",
        ),
    ),
    patches=_patches,
)
