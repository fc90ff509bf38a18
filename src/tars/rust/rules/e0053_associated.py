"""Says that an associated type is what the methods of the `impl` give: `Output = bool` beside `-> &bool`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.types import RustType, parse_type
from tars.rust.values import Example, Patch

_SIGNATURES = re.compile(
    r"expected signature `(?:unsafe )?fn\((.*)\)(?: -> (.+))?`\s*found signature `(?:unsafe )?fn\((.*)\)(?: -> (.+))?`"
)


def _patches(site: Site) -> Iterator[Patch]:
    said = next((found for note in site.diagnostic.notes if (found := _SIGNATURES.search(note.message))), None)
    impl = site.up("impl_item")
    body = impl.child_by_field_name("body") if impl is not None else None
    if said is None or body is None:
        return
    wanted, given = (f"({said[1]}, {said[2] or '()'})", f"({said[3]}, {said[4] or '()'})")
    for old, new in dict.fromkeys(_differences(parse_type(wanted), parse_type(given))):
        for item in children(body, "type_item"):
            type_ = item.child_by_field_name("type")
            if type_ is not None and str(parse_type(site.file.text(type_))) == old:
                yield patch(f"it is `{new}`, as the method has it", 0.9, site.file.replace(type_, new))


def _differences(wanted: RustType, found: RustType) -> Iterator[tuple[str, str]]:
    """The parts in which two types differ, the smallest."""
    if wanted.head == found.head and len(wanted.arguments) == len(found.arguments):
        for one, other in zip(wanted.arguments, found.arguments, strict=True):
            yield from _differences(one, other)
    elif wanted.known and found.known:
        yield str(wanted), str(found)


PLUGIN = Mend(
    codes=("E0053",),
    title="say that an associated type is what the methods give",
    cites=("docs:error_codes/E0053.html", "docs:reference/items/associated-items.html#associated-types"),
    examples=(
        Example(
            """
use std::ops::Index;
pub struct Bits(pub u8);
impl Index<usize> for Bits {
    type Output = u8;
    fn index(&self, at: usize) -> &bool {
        if self.0 >> at & 1 == 1 { &true } else { &false }
    }
}
pub fn first(bits: &Bits) -> bool {
    bits[0]
}
""",
            """
use std::ops::Index;
pub struct Bits(pub u8);
impl Index<usize> for Bits {
    type Output = bool;
    fn index(&self, at: usize) -> &bool {
        if self.0 >> at & 1 == 1 { &true } else { &false }
    }
}
pub fn first(bits: &Bits) -> bool {
    bits[0]
}
""",
        ),
    ),
    patches=_patches,
)
