"""Turns a pointer into what is wanted: another one by its type's method for that, `pointer.cast()`, or its address."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import mismatch, parse_type
from tars.rust.values import Example, Patch

_OPEN = re.compile(r"\bfn (\w+)<(\w+)>\(self\) -> ")


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    if types is not None and types.found.head in ("*const ", "*mut ") and types.wanted.head == "usize":
        tight = site.node.type in ("binary_expression", "unary_expression", "range_expression", "type_cast_expression")
        text = f"({site.text})" if tight else site.text
        yield patch("count with the address", 0.7, site.file.replace(site.place, f"{text} as usize"))
        return
    if types is None or types.wanted.head != types.found.head or types.wanted == types.found or not types.found.known:
        return
    if (site.node.start_byte, site.node.end_byte) != (site.place.start, site.place.end):
        return
    for one in site.context.symbols.methods_of(str(types.found)):
        free, returned = _OPEN.search(one.signature), parse_type(one.returns)
        # What it returns is of the same kind, and of what the place asks for.
        if free is not None and returned.head == types.wanted.head and returned.inner.head == free[2]:
            shorthand = site.node.parent is not None and site.node.parent.type == "shorthand_field_initializer"
            name = f"{site.text}: " if shorthand or site.node.type == "shorthand_field_initializer" else ""
            change = site.file.replace(site.place, f"{name}{site.text}.{one.name}()")
            yield patch(f"`{one.name}` it to what is wanted", 0.6, change)


PLUGIN = Mend(
    codes=("E0308",),
    title="cast a pointer by its own method, or to the address that is counted with",
    cites=("docs:std/ptr/struct.NonNull.html", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
use std::ptr::NonNull;
pub struct Held {
    data: NonNull<u32>,
}
pub fn held(bytes: &mut [u8; 4]) -> Held {
    let data = NonNull::from(&mut bytes[0]);
    Held { data }
}
pub fn first(data: NonNull<u8>) -> NonNull<u16> {
    data.cast()
}
""",
            """
use std::ptr::NonNull;
pub struct Held {
    data: NonNull<u32>,
}
pub fn held(bytes: &mut [u8; 4]) -> Held {
    let data = NonNull::from(&mut bytes[0]);
    Held { data: data.cast() }
}
pub fn first(data: NonNull<u8>) -> NonNull<u16> {
    data.cast()
}
""",
        ),
        Example(
            """
pub fn between(one: &[u8], other: &[u8]) -> usize {
    let start = one.as_ptr();
    (other.as_ptr() as usize).wrapping_sub(start)
}
""",
            """
pub fn between(one: &[u8], other: &[u8]) -> usize {
    let start = one.as_ptr();
    (other.as_ptr() as usize).wrapping_sub(start as usize)
}
""",
        ),
    ),
    patches=_patches,
)
