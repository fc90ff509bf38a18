"""Takes the `$` from a name that a macro repeats, where the name itself is meant: `match $c` → `match c`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch, Place

_REPEATING = re.compile(r"variable `?'?(\w+)'?`? is still repeating at this depth")


def _patches(site: Site) -> Iterator[Patch]:
    found = _REPEATING.match(site.diagnostic.message)
    at = site.file.data.find(b"$", site.place.start - 1, site.place.end) if found is not None else -1
    if at >= 0:
        mark = Place(site.file.path, at, at + 1)
        yield patch(f"`{found[1] if found else ''}` itself is meant", 0.7, site.file.delete(mark))


PLUGIN = Mend(
    codes=("",),
    title="name what has the name of a macro's parameter",
    cites=("docs:reference/macros-by-example.html#repetitions",),
    examples=(
        Example(
            """
macro_rules! is {
    ($name:ident, $($c:pat),+) => {
        pub fn $name(c: char) -> bool {
            match $c {
                $($c)|+ => true,
                _ => false,
            }
        }
    };
}
is!(vowel, 'a', 'e', 'i', 'o', 'u');
""",
            """
macro_rules! is {
    ($name:ident, $($c:pat),+) => {
        pub fn $name(c: char) -> bool {
            match c {
                $($c)|+ => true,
                _ => false,
            }
        }
    };
}
is!(vowel, 'a', 'e', 'i', 'o', 'u');
""",
        ),
    ),
    patches=_patches,
)
