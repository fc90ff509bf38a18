"""Imports all of a module that has the names that are missing: a lost `use super::*;` or `use crate::prelude::*;`."""

from collections.abc import Iterator

from tars.rust.graph.uses import imports_of
from tars.rust.rules_support.imports import imported, missing_names
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_OFFERED_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    names = missing_names(site)
    if len(names) < 2:
        return
    ranked: list[tuple[int, int, str]] = []
    for number, path in enumerate(_modules(site)):
        held = len(names & set(site.context.symbols.names_in(path, site.place, visible=True)))
        ranked += [(-held, number, path)] if held >= 2 else []
    for held, _, path in sorted(ranked)[:_OFFERED_MAX]:
        sure = 0.85 * -held / len(names)
        change = imported(site.file, f"{path}::*", site.place)
        yield patch(f"import all of `{path}`", max(sure, 0.1), change)


def _modules(site: Site) -> list[str]:
    """The module around, those that are imported whole elsewhere, and those at the crate's root."""
    around = ["super"] if site.up("mod_item") is not None else []
    whole: list[str] = []
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for use in file.walk("use_declaration"):
            whole += [one.path for one in imports_of(file, use, "", False) if one.name == "*"]
    fixed = [path for path in whole if path.partition("::")[0] not in ("self", "super", "std", "core", "alloc")]
    own = [f"crate::{name}" for name in site.context.symbols.names_in("crate", site.place) if name[:1].islower()]
    return list(dict.fromkeys([*around, *fixed, *own]))


PLUGIN = Mend(
    codes=("E0425", "E0405", "E0433"),
    title="import all of a module that has what is missing",
    cites=(
        "docs:error_codes/E0425.html",
        "docs:error_codes/E0405.html",
        "docs:error_codes/E0433.html",
        "docs:reference/items/use-declarations.html#glob-imports",
    ),
    examples=(
        Example(
            """
pub const WIDE: u8 = 2;
pub fn wider(by: u8) -> u8 {
    WIDE + by
}
pub mod more {
    pub fn widest() -> u8 {
        wider(WIDE) + wider(1)
    }
}
""",
            """
pub const WIDE: u8 = 2;
pub fn wider(by: u8) -> u8 {
    WIDE + by
}
pub mod more {
    use super::*;

    pub fn widest() -> u8 {
        wider(WIDE) + wider(1)
    }
}
""",
        ),
        Example(
            """
mod prelude {
    pub use std::cmp;
    pub trait Width {
        const WIDTH: u8;
    }
}
pub struct Wide;
impl Width for Wide {
    const WIDTH: u8 = 2;
}
pub fn widest(one: u8) -> u8 {
    cmp::max(one, <Wide as Width>::WIDTH)
}
""",
            """
use crate::prelude::*;

mod prelude {
    pub use std::cmp;
    pub trait Width {
        const WIDTH: u8;
    }
}
pub struct Wide;
impl Width for Wide {
    const WIDTH: u8 = 2;
}
pub fn widest(one: u8) -> u8 {
    cmp::max(one, <Wide as Width>::WIDTH)
}
""",
        ),
    ),
    patches=_patches,
)
