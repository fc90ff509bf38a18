"""Makes a pointer one to write through where something is written through it: `*const T` → `*mut T`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import TYPES, items
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch, Place

_FIELD = re.compile(r"\.\s*(\w+)")


def _patches(site: Site) -> Iterator[Patch]:
    if "`*const` pointer" not in site.diagnostic.message:
        return
    names = re.findall(r"\w+", site.text)
    for local in site.context.symbols.locals_at(site.place):
        if local.name in names and local.type.startswith("*const"):
            yield from _written(site.file, site.file.node_of(local.place, "parameter", "let_declaration"))
    for name in _FIELD.findall(site.text):
        for file, struct in items(site.context, *TYPES):
            for field in file.walk("field_declaration", within=struct):
                named = field.child_by_field_name("name")
                if named is not None and file.text(named) == name:
                    yield from _written(file, field)


def _written(file: SourceFile, holder: Node | None) -> Iterator[Patch]:
    """The pointer in a declaration, made one to write through."""
    found = re.search(rb"\*const\b", file.data[holder.start_byte : holder.end_byte]) if holder is not None else None
    if holder is not None and found is not None:
        at = holder.start_byte + found.start() + 1
        change = file.replace(Place(file.path, at, at + len("const")), "mut")
        yield patch("it is written through", 0.7, change)


PLUGIN = Mend(
    codes=("E0594",),
    title="make a pointer one to write through",
    cites=("docs:reference/types/pointer.html", "docs:error_codes/E0594.html"),
    examples=(
        Example(
            """
pub struct Raw {
    start: *const u8,
}
impl Raw {
    pub fn new(all: &mut [u8]) -> Raw {
        Raw { start: all.as_mut_ptr() }
    }
    pub unsafe fn set(&mut self, at: usize, value: u8) {
        unsafe { *self.start.add(at) = value };
    }
}
""",
            """
pub struct Raw {
    start: *mut u8,
}
impl Raw {
    pub fn new(all: &mut [u8]) -> Raw {
        Raw { start: all.as_mut_ptr() }
    }
    pub unsafe fn set(&mut self, at: usize, value: u8) {
        unsafe { *self.start.add(at) = value };
    }
}
""",
        ),
        Example(
            """
pub unsafe fn clear(first: *const u8) {
    unsafe { *first = 0 };
}
""",
            """
pub unsafe fn clear(first: *mut u8) {
    unsafe { *first = 0 };
}
""",
        ),
    ),
    patches=_patches,
)
