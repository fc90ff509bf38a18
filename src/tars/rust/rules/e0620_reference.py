"""Takes a loan where something is cast to a type without a size: an array as a slice of it, and a loan as it is."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_CAST = re.compile(r"cast to unsized type: `(?P<found>.+)` as `(?P<wanted>.+)`")


def _patches(site: Site) -> Iterator[Patch]:
    cast = site.up("type_cast_expression") or next(site.file.walk("type_cast_expression", within=site.node), None)
    found = _CAST.search(site.diagnostic.message)
    value = cast.child_by_field_name("value") if cast is not None else None
    wanted = cast.child_by_field_name("type") if cast is not None else None
    if cast is None or found is None or value is None or wanted is None:
        return
    file = site.file
    lent = re.sub(r"^&(?:'\w+ )?", "", found["found"])
    if lent == found["wanted"]:
        yield patch("it is a loan of that already", 0.82, file.replace(cast, file.text(value)))
    elif lent == found["found"]:
        yield patch("as a loan of it", 0.8, file.insert(value.start_byte, "&"), file.insert(wanted.start_byte, "&"))


PLUGIN = Mend(
    codes=("E0620",),
    title="cast to a loan of what has no size",
    cites=("docs:error_codes/E0620.html", "docs:reference/dynamically-sized-types.html"),
    examples=(
        Example(
            """
pub fn sum() -> u8 {
    let all = [1u8, 2];
    let part = all as [u8];
    part.iter().sum()
}
""",
            """
pub fn sum() -> u8 {
    let all = [1u8, 2];
    let part = &all as &[u8];
    part.iter().sum()
}
""",
        ),
        Example(
            """
pub fn length(text: &str) -> usize {
    (text as str).len()
}
""",
            """
pub fn length(text: &str) -> usize {
    (text).len()
}
""",
        ),
    ),
    patches=_patches,
)
