"""Names the type of that name which takes so many parameters: `Result` alone is one of a module, `fmt::Result`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text
    if not name.isidentifier():
        return
    scope = set(site.context.symbols.names_in("self", site.place))
    paths = [path for path in site.context.symbols.paths_of(name, site.place) if path.count("::") >= 2]
    known = [path for path in paths if path.split("::")[-2] in scope]
    for number, path in enumerate(known[:2]):
        short = f"{path.split('::')[-2]}::{name}"
        yield patch(f"`{short}` is meant", 0.6 - 0.1 * number, site.file.replace(site.place, short))


PLUGIN = Mend(
    codes=("E0107",),
    title="name the type of that name which takes no parameters",
    cites=("docs:error_codes/E0107.html", "docs:std/fmt/type.Result.html"),
    examples=(
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
