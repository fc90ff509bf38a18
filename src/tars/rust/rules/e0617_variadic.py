"""Hands over to a variadic function what C would: numbers as wide as it promotes them to."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.conversions import Conversion
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_OF_C = {"c_double": "f64", "c_int": "i32", "c_uint": "u32"}


def _patches(site: Site) -> Iterator[Patch]:
    texts = " ".join(note.message for note in site.diagnostic.notes)
    found = re.search(r"cast the value to `(\w+)`", texts)
    type_ = _OF_C.get(found[1], "") if found else ""
    if type_:
        cast = Conversion(f"{{}} as {type_}", "", 0.8)
        yield patch(f"hand it over as `{type_}`", 0.8, cast.change(site.file, site.node))


PLUGIN = Mend(
    codes=("E0617",),
    title="hand over to a variadic function what C would",
    cites=("docs:error_codes/E0617.html", "docs:reference/items/external-blocks.html#variadic-functions"),
    examples=(
        Example(
            """
extern "C" {
    fn show(format: *const i8, ...) -> i32;
}
pub unsafe fn half(format: *const i8) -> i32 {
    show(format, 0.5f32)
}
""",
            """
extern "C" {
    fn show(format: *const i8, ...) -> i32;
}
pub unsafe fn half(format: *const i8) -> i32 {
    show(format, 0.5f32 as f64)
}
""",
        ),
    ),
    patches=_patches,
)
