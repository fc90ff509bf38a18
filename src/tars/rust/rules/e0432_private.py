"""Opens the item that an import asks for, where a module that is given out whole keeps it to itself."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import TYPES, items
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.visibility import SURE, opened
from tars.rust.values import Example, Patch

_KINDS = (*TYPES, "trait_item", "function_item", "const_item", "static_item", "type_item")
_MEMBERS = ("impl_item", "trait_item", "function_item")


def _patches(site: Site) -> Iterator[Patch]:
    name = site.words[0].rpartition("::")[2] if site.words else ""
    # What is imported by its own name, the compiler says to be private.
    if not re.fullmatch(r"\w+", name) or (site.diagnostic.code == "E0425" and b"::*" not in site.file.data):
        return
    found = [
        one
        for one in items(site.context, *_KINDS, name=name)
        if not any(outer.type in _MEMBERS for outer in ancestors(one[1]))
    ]
    for file, node in found if len(found) == 1 else ():
        for word, less in SURE:
            change = opened(file, node, word)
            if change is not None:
                yield patch(f"make `{name}` visible with `{word}`", 0.82 - less, change)


PLUGIN = Mend(
    codes=("E0432", "E0425"),
    title="open the item that an import asks for",
    cites=("docs:error_codes/E0432.html", "docs:reference/visibility-and-privacy.html"),
    examples=(
        Example(
            """
pub mod options {
    mod defaults {
        const BINARY: u32 = 2;
        pub const DECIMAL: u32 = 10;
        pub fn first() -> u32 {
            BINARY
        }
    }
    pub use self::defaults::*;
}
pub use options::{BINARY, DECIMAL};
""",
            """
pub mod options {
    mod defaults {
        pub const BINARY: u32 = 2;
        pub const DECIMAL: u32 = 10;
        pub fn first() -> u32 {
            BINARY
        }
    }
    pub use self::defaults::*;
}
pub use options::{BINARY, DECIMAL};
""",
        ),
        Example(
            """
mod defaults {
    const BINARY: u32 = 2;
    pub const DECIMAL: u32 = 10;
    pub fn first() -> u32 {
        BINARY
    }
}
use defaults::*;
pub fn both() -> u32 {
    BINARY + DECIMAL + first()
}
""",
            """
mod defaults {
    pub const BINARY: u32 = 2;
    pub const DECIMAL: u32 = 10;
    pub fn first() -> u32 {
        BINARY
    }
}
use defaults::*;
pub fn both() -> u32 {
    BINARY + DECIMAL + first()
}
""",
        ),
    ),
    patches=_patches,
)
