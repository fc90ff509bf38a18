"""Gives a field the type that a macro's code asks of it, where that code is the same for several structs."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import TYPES, items
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import fits, mismatch, parse_type
from tars.rust.values import Example, Patch

_FIELD = re.compile(r"self\s*\.\s*(\w+)")
_OFFERED_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    types, field = mismatch(site.diagnostic), _FIELD.fullmatch(site.text)
    if types is None or field is None or site.up("macro_definition") is None or not types.wanted.known:
        return
    offered = 0
    for file, struct in items(site.context, *TYPES):
        for one in file.walk("field_declaration", within=struct):
            name, written = one.child_by_field_name("name"), one.child_by_field_name("type")
            if name is None or written is None or file.text(name) != field[1] or offered == _OFFERED_MAX:
                continue
            if fits(parse_type(file.text(written)), types.found):
                offered += 1
                what = f"declare `{field[1]}` as `{types.wanted}`"
                yield patch(what, 0.8 - 0.1 * offered, file.replace(written, str(types.wanted)))


PLUGIN = Mend(
    codes=("E0308",),
    title="give a field the type that a macro asks of it",
    cites=("docs:error_codes/E0308.html", "docs:reference/macros-by-example.html"),
    examples=(
        Example(
            """
pub struct One {
    length: usize,
    given: usize,
}
pub struct Two {
    length: usize,
    given: u32,
}
macro_rules! left {
    ($name:ident) => {
        impl $name {
            pub fn left(&self) -> usize {
                self.length - self.given
            }
        }
    };
}
left!(One);
left!(Two);
""",
            """
pub struct One {
    length: usize,
    given: usize,
}
pub struct Two {
    length: usize,
    given: usize,
}
macro_rules! left {
    ($name:ident) => {
        impl $name {
            pub fn left(&self) -> usize {
                self.length - self.given
            }
        }
    };
}
left!(One);
left!(Two);
""",
        ),
    ),
    patches=_patches,
)
