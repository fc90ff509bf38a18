"""Takes the quotes from the number of a field: `pair."1"` → `pair.1`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_QUOTED = re.compile(r'"(\w+)"')


def _patches(site: Site) -> Iterator[Patch]:
    found = _QUOTED.fullmatch(site.text)
    if found is not None and site.file.data[: site.place.start].rstrip().endswith(b"."):
        yield patch("a field stands without quotes", 0.85, site.file.replace(site.place, found[1]))


PLUGIN = Mend(
    codes=("",),
    title="name a field without quotes",
    cites=("docs:reference/expressions/tuple-expr.html#tuple-indexing-expressions",),
    examples=(
        Example(
            """
pub fn second(pair: (u8, u8)) -> u8 {
    pair."1"
}
""",
            """
pub fn second(pair: (u8, u8)) -> u8 {
    pair.1
}
""",
        ),
    ),
    patches=_patches,
)
