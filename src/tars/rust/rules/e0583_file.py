"""Finds the file of a `mod name;`: under a name that is spelt alike, elsewhere, or as a module that is there."""

import posixpath
from collections.abc import Iterator

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    module = site.up("mod_item")
    name = module.child_by_field_name("name") if module is not None else None
    if module is None or name is None:
        return
    wanted = site.file.text(name)
    folder = posixpath.dirname(site.file.path)
    stem = posixpath.basename(site.file.path).removesuffix(".rs")
    own = folder if stem in ("main", "lib", "mod") else posixpath.join(folder, stem)
    names: dict[str, tuple[str, str]] = {}
    for path in sorted(site.context.files):
        inner, base = posixpath.split(path)
        known = posixpath.basename(inner) if base == "mod.rs" else base.removesuffix(".rs")
        place = posixpath.dirname(inner) if base == "mod.rs" else inner
        if path != site.file.path and known not in ("main", "lib"):
            names.setdefault(known, (path, place))
    for near in nearest(wanted, [one for one, (_, place) in names.items() if place in (own, folder)])[:2]:
        yield patch(f"its file is {names[near][0]}", 0.66, site.file.replace(name, near))
    for path in site.context.symbols.paths_of(wanted, site.place)[:1]:
        if path.startswith("crate::") and path != f"crate::{wanted}":
            public = site.file.data[module.start_byte : module.start_byte + 3] == b"pub"
            yield patch(
                f"the module is there, as `{path}`", 0.6, site.file.replace(module, f"{'pub ' * public}use {path};")
            )
    if wanted in names and names[wanted][1] not in (own, folder):
        relative = posixpath.relpath(names[wanted][0], folder or ".")
        text = f'#[path = "{relative}"]\n{site.file.indent(module.start_byte)}'
        yield patch(f"its file is {names[wanted][0]}", 0.5, site.file.insert(module.start_byte, text))


PLUGIN = Mend(
    codes=("E0583",),
    title="find the file of the module",
    cites=("docs:error_codes/E0583.html", "docs:reference/items/modules.html"),
    examples=(
        Example(
            """
mod shape;
pub fn one() -> u8 {
    1
}
""",
            """
mod shapes;
pub fn one() -> u8 {
    1
}
""",
            files={"shapes.rs": "pub fn area() -> u8 {\n    1\n}\n"},
        ),
        Example(
            """
pub mod shapes {
    pub mod round {
        pub fn area() -> u8 {
            1
        }
    }
}
mod round;
pub fn one() -> u8 {
    round::area()
}
""",
            """
pub mod shapes {
    pub mod round {
        pub fn area() -> u8 {
            1
        }
    }
}
use crate::shapes::round;
pub fn one() -> u8 {
    round::area()
}
""",
        ),
        Example(
            """
mod shapes;
pub fn one() -> u8 {
    shapes::area()
}
""",
            """
#[path = "forms/shapes.rs"]
mod shapes;
pub fn one() -> u8 {
    shapes::area()
}
""",
            files={"forms/shapes.rs": "pub fn area() -> u8 {\n    1\n}\n"},
        ),
    ),
    patches=_patches,
)
