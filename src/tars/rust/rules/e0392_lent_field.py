"""Lets a field hold a loan of what it is given a loan of, where the type has a lifetime that nothing uses."""

from collections.abc import Iterator

from tars.rust.rules_support.items import fields, items
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import RustType, fits, mismatch, parse_type
from tars.rust.values import Example, Patch

_LOANS = ("&", "&mut ")


def _patches(site: Site) -> Iterator[Patch]:
    node = site.up("struct_item")
    if node is None or not site.text.startswith("'"):
        return
    known = dict(fields(site.file, node))
    for field in site.file.walk("field_declaration", within=node):
        name, type_ = field.child_by_field_name("name"), field.child_by_field_name("type")
        if name is None or type_ is None:
            continue
        held = parse_type(known[site.file.text(name)])
        for loan, sure in _ways(site, site.file.text(name), held):
            mark = "mut " if loan == "&mut " else ""
            change = site.file.insert(type_.start_byte, f"&{site.text} {mark}")
            yield patch(f"let `{site.file.text(name)}` hold a loan", sure, change)


def _ways(site: Site, name: str, held: RustType) -> Iterator[tuple[str, float]]:
    """The loans that the field may hold, with how likely each is: what it is given, what its like holds."""
    for error in site.context.diagnostics:
        types = mismatch(error) if error.code == "E0308" else None
        if types is None or types.found.head not in _LOANS or types.wanted.head != held.head:
            continue
        if fits(types.wanted, types.found.inner):
            yield types.found.head, 0.93
    for file, other in items(site.context, "struct_item"):
        for own, type_ in fields(file, other):
            like = parse_type(type_)
            if own == name and like.head in _LOANS and like.inner.head == held.head:
                yield like.head, 0.8


PLUGIN = Mend(
    codes=("E0392",),
    title="let a field hold a loan",
    cites=("docs:error_codes/E0392.html", "docs:book/ch10-03-lifetime-syntax.html#in-struct-definitions"),
    examples=(
        Example(
            """
pub struct Map {
    all: Vec<(u8, u8)>,
}
pub struct Full<'a> {
    map: &'a mut Map,
    at: usize,
}
pub struct Vacant<'a> {
    map: Map,
    key: u8,
}
impl Map {
    pub fn vacant(&mut self, key: u8) -> Vacant<'_> {
        Vacant { map: self, key }
    }
    pub fn full(&mut self, at: usize) -> Full<'_> {
        Full { map: self, at }
    }
}
impl<'a> Full<'a> {
    pub fn value(self) -> &'a mut u8 {
        &mut self.map.all[self.at].1
    }
}
impl<'a> Vacant<'a> {
    pub fn fill(self, value: u8) -> &'a mut u8 {
        self.map.all.push((self.key, value));
        &mut self.map.all[0].1
    }
}
""",
            """
pub struct Map {
    all: Vec<(u8, u8)>,
}
pub struct Full<'a> {
    map: &'a mut Map,
    at: usize,
}
pub struct Vacant<'a> {
    map: &'a mut Map,
    key: u8,
}
impl Map {
    pub fn vacant(&mut self, key: u8) -> Vacant<'_> {
        Vacant { map: self, key }
    }
    pub fn full(&mut self, at: usize) -> Full<'_> {
        Full { map: self, at }
    }
}
impl<'a> Full<'a> {
    pub fn value(self) -> &'a mut u8 {
        &mut self.map.all[self.at].1
    }
}
impl<'a> Vacant<'a> {
    pub fn fill(self, value: u8) -> &'a mut u8 {
        self.map.all.push((self.key, value));
        &mut self.map.all[0].1
    }
}
""",
        ),
    ),
    patches=_patches,
)
