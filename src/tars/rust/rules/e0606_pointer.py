"""Casts a loan to a pointer to another type by way of one to its own: `&bytes as *const [u8; 4] as *const Word`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_CAST = re.compile(r"casting `&(?:'\w+ )?(mut )?(.+)` as `\*(const|mut) .+` is invalid")


def _patches(site: Site) -> Iterator[Patch]:
    found = _CAST.match(site.diagnostic.message)
    cast = site.up("type_cast_expression") or next(site.file.walk("type_cast_expression", within=site.node), None)
    value = cast.child_by_field_name("value") if cast is not None else None
    if found is not None and value is not None and (found[1] or found[3] == "const"):
        text = f" as *{found[3]} {found[2]}"
        yield patch("cast it to a pointer to its own type first", 0.8, site.file.insert(value.end_byte, text))


PLUGIN = Mend(
    codes=("E0606",),
    title="cast a loan to a pointer to its own type first",
    cites=("docs:error_codes/E0606.html", "docs:reference/expressions/operator-expr.html#type-cast-expressions"),
    examples=(
        Example(
            """
#[repr(transparent)]
pub struct Ascii(u8);
pub fn all(bytes: &[u8; 4]) -> *const [Ascii; 4] {
    let all = (bytes as *const [Ascii; 4]);
    all
}
""",
            """
#[repr(transparent)]
pub struct Ascii(u8);
pub fn all(bytes: &[u8; 4]) -> *const [Ascii; 4] {
    let all = (bytes as *const [u8; 4] as *const [Ascii; 4]);
    all
}
""",
        ),
    ),
    patches=_patches,
)
