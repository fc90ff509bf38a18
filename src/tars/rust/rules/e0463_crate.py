"""Finds the crate that `extern crate` asks for: spelt otherwise, or a module of this crate."""

from collections.abc import Iterator

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.mend import Mend, Site, deleted_line, patch
from tars.rust.rules_support.names import mentions
from tars.rust.rules_support.paths import undeclared_files
from tars.rust.values import Example, Patch

_CRATES = ("std", "core", "alloc", "proc_macro", "test")


def _patches(site: Site) -> Iterator[Patch]:
    declaration = site.up("extern_crate_declaration")
    name = declaration.child_by_field_name("name") if declaration is not None else None
    if declaration is None or name is None:
        return
    wanted = site.file.text(name)
    for path in list(undeclared_files(site.context, wanted))[:1]:
        yield patch(f"it is the module in {path}", 0.7, site.file.replace(declaration, f"mod {wanted};"))
    for near in nearest(wanted, _CRATES)[:2]:
        places = mentions(site.file, site.file.root, wanted)
        yield patch(f"`{near}` is meant", 0.62, *(site.file.replace(place, near) for place in places))
    alias = declaration.child_by_field_name("alias") or name
    used = [one for one in mentions(site.file, site.file.root, site.file.text(alias)) if one.start != alias.start_byte]
    if not used:
        yield patch(f"do without `{wanted}`, which nothing uses", 0.15, deleted_line(site.file, declaration))


PLUGIN = Mend(
    codes=("E0463",),
    title="find the crate that is asked for",
    cites=("docs:error_codes/E0463.html", "docs:reference/items/extern-crates.html"),
    examples=(
        Example(
            """
extern crate aloc;
pub fn one() -> aloc::string::String {
    aloc::string::String::new()
}
""",
            """
extern crate alloc;
pub fn one() -> alloc::string::String {
    alloc::string::String::new()
}
""",
        ),
        Example(
            """
extern crate shapes;
pub fn one() -> u8 {
    shapes::area()
}
""",
            """
mod shapes;
pub fn one() -> u8 {
    shapes::area()
}
""",
            files={"shapes.rs": "pub fn area() -> u8 {\n    1\n}\n"},
        ),
    ),
    patches=_patches,
)
