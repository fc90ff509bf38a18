"""Gives a trait out of the module that is imported whole: what is called is one of its methods, and it is not there."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.uses import imports_of
from tars.rust.rules_support.items import name_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    symbols = site.context.symbols
    traits = [path for path in symbols.traits_with(site.text) if path.startswith("crate::")]
    globs = [
        one.path
        for use in site.file.walk("use_declaration")
        for one in imports_of(site.file, use, "", False)
        if one.name == "*"
    ]
    for trait in traits[:2]:
        name = trait.rpartition("::")[2]
        if not any(path.rpartition("::")[2] == name for path in symbols.paths_of(name, site.place)):
            continue
        for glob in dict.fromkeys(globs):
            inside = symbols.names_in(glob, site.place)
            if inside and name not in inside:
                for file in site.context.files.values():
                    for module in file.walk("mod_item"):
                        if name_of(file, module) == glob.rpartition("::")[2]:
                            yield from _given(file, module, trait)


def _given(file: SourceFile, module: Node, trait: str) -> Iterator[Patch]:
    """Behind what the module gives out already."""
    body = module.child_by_field_name("body")
    given = [one for one in children(body, "use_declaration") if file.text(one).startswith("pub ")] if body else []
    if body is None or not given:
        return
    holder, _, name = trait.rpartition("::")
    last = given[-1]
    before = file.text(given[-1]).removeprefix("pub use ")
    if holder == "crate" and before.startswith("super::"):
        trait = f"super::{name}"
    change: Change = file.insert(last.end_byte, f"\n{file.indent(last.start_byte)}pub use {trait};")
    yield patch(f"give `{name}` out of the module that is imported whole", 0.75, change)


PLUGIN = Mend(
    codes=("E0599",),
    title="give a trait out of the module that is imported whole",
    cites=(
        "docs:error_codes/E0599.html",
        "docs:reference/items/use-declarations.html#glob-imports",
        "docs:reference/items/use-declarations.html#use-visibility",
    ),
    examples=(
        Example(
            """
pub trait Halved {
    fn halved(&self) -> u8;
}
impl Halved for u8 {
    fn halved(&self) -> u8 {
        self / 2
    }
}
pub const TWO: u8 = 2;
pub mod prelude {
    pub use super::TWO;
}
pub mod user {
    use crate::prelude::*;
    pub fn one() -> u8 {
        TWO.halved()
    }
}
""",
            """
pub trait Halved {
    fn halved(&self) -> u8;
}
impl Halved for u8 {
    fn halved(&self) -> u8 {
        self / 2
    }
}
pub const TWO: u8 = 2;
pub mod prelude {
    pub use super::TWO;
    pub use super::Halved;
}
pub mod user {
    use crate::prelude::*;
    pub fn one() -> u8 {
        TWO.halved()
    }
}
""",
        ),
    ),
    patches=_patches,
)
