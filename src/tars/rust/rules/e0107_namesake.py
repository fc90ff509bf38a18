"""Names the type of that name which takes so many parameters: `Result` alone is one of a module, `fmt::Result`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text
    yield from _other_count(site)
    if not name.isidentifier():
        return
    scope = set(site.context.symbols.names_in("self", site.place))
    paths = [path for path in site.context.symbols.paths_of(name, site.place) if path.count("::") >= 2]
    known = [path for path in paths if path.split("::")[-2] in scope]
    for number, path in enumerate(known[:2]):
        short = f"{path.split('::')[-2]}::{name}"
        yield patch(f"`{short}` is meant", 0.6 - 0.1 * number, site.file.replace(site.place, short))


def _other_count(site: Site) -> Iterator[Patch]:
    """`Option<u8, Error>` has the arguments of a `Result`, `Result<u8>` those of an `Option`."""
    said = re.search(r"takes (\d) generic arguments? but (\d) generic", site.diagnostic.message)
    if said is None or site.text not in _BY_COUNT.get(said[1], ()):
        return
    for number, other in enumerate(_BY_COUNT.get(said[2], ())):
        yield patch(f"`{other}` is meant", 0.75 - 0.25 * number, site.file.replace(site.place, other))


_BY_COUNT = {"1": ("Option", "Vec", "Box"), "2": ("Result", "HashMap")}


PLUGIN = Mend(
    codes=("E0107",),
    title="name the type of that name which takes no parameters",
    cites=("docs:error_codes/E0107.html", "docs:std/fmt/type.Result.html"),
    examples=(
        Example(
            """
pub fn digit(text: &str) -> Option<u8, std::num::ParseIntError> {
    text.parse()
}
""",
            """
pub fn digit(text: &str) -> Result<u8, std::num::ParseIntError> {
    text.parse()
}
""",
        ),
        Example(
            """
use std::fmt;
pub struct One;
impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> Result {
        f.write_str("one")
    }
}
""",
            """
use std::fmt;
pub struct One;
impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one")
    }
}
""",
        ),
    ),
    patches=_patches,
)
