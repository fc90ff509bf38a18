"""Declares a variable as what it is compared with, which its value turns into by itself: `let p: *const u8 = &x;`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.spots import spots
from tars.rust.rules_support.statements import declaration
from tars.rust.values import Example, Patch

_SAID = re.compile(r"can't compare `(.+?)` with `(.+)`$")


def _patches(site: Site) -> Iterator[Patch]:
    said = _SAID.match(site.diagnostic.message)
    names = [one for one in spots(site) if one.type == "identifier"] if said is not None else []
    for number, node in enumerate(names[:2]):
        let = declaration(site.file, site.file.text(node), site.file.place(node))
        pattern = let.child_by_field_name("pattern") if let is not None else None
        if said is None or let is None or pattern is None or let.child_by_field_name("type") is not None:
            continue
        wanted = said[2] if number == 0 else said[1]
        if "{" not in wanted and "_" not in wanted:
            yield patch(f"declare it as `{wanted}`", 0.35, site.file.insert(pattern.end_byte, f": {wanted}"))


PLUGIN = Mend(
    codes=("E0277",),
    title="declare a variable as what it is compared with",
    cites=("docs:reference/type-coercions.html", "docs:error_codes/E0277.html"),
    examples=(
        Example(
            """
pub fn same(one: &u8, two: *const u8) -> bool {
    let first = one;
    first == two
}
""",
            """
pub fn same(one: &u8, two: *const u8) -> bool {
    let first: *const u8 = one;
    first == two
}
""",
        ),
    ),
    patches=_patches,
)
