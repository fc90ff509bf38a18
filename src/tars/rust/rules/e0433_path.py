"""Mends a path whose beginning, or a part of it, nothing has: imports it, completes it, or spells it right."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.imports import imported, imports_of_all
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.paths import undeclared_files, whole_path
from tars.rust.rules_support.unknown import same_missing
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text
    if site.up("use_declaration") is not None or name == "Self":
        return
    whole = whole_path(site.node)
    written = site.file.text(whole).replace(" ", "")
    if name == "super":
        yield from _too_high(site, whole)
    elif whole.start_byte == site.place.start:
        yield from _first(site, whole, name, written)
    else:
        yield from _later(site, whole, name, written)


def _first(site: Site, whole: Node, name: str, written: str) -> Iterator[Patch]:
    symbols = site.context.symbols
    for path in list(undeclared_files(site.context, name))[:1]:
        change = _declare(site, path, name)
        if change is not None:
            yield patch(f"declare the module that is in {path}", 0.8, change)
    together = imports_of_all(site)
    if together:
        yield patch("import all that is missing here", 0.76, *together)
    paths = [one for one in symbols.paths_of(name, site.place) if "::" in one]
    fitting = [one for one in paths if not one.startswith("std::") or one.count("::") <= 4]
    for number, path in enumerate(fitting[:4]):
        yield patch(f"import `{path}`", 0.74 - 0.12 * number, imported(site.file, path, site.place))
    for number, path in enumerate(fitting[:2]):
        yield patch(f"write the path from `{path}` on", 0.42 - 0.1 * number, site.file.replace(site.place, path))
    capital = name[:1].isupper()
    known = [one for one in symbols.names_like(name, site.place) if one[:1].isupper() == capital]
    every = [*known, *nearest(name, _elsewhere(site, capital))]
    for number, wanted in enumerate(list(dict.fromkeys(every))[:3]):
        if wanted in known:
            changes = [site.file.replace(place, wanted) for place in same_missing(site, name)]
            yield patch(f"`{wanted}` is meant", 0.62 - 0.1 * number, *changes)
            continue
        path = next(iter(symbols.paths_of(wanted, site.place)), "")
        if path and "::" in path:
            brought = imported(site.file, path, site.place)
            yield patch(f"`{path}` is meant", 0.55 - 0.1 * number, site.file.replace(site.place, wanted), brought)


_COMMON = (
    "HashMap", "HashSet", "BTreeMap", "BTreeSet", "VecDeque", "BinaryHeap", "Rc", "Arc", "Mutex", "RwLock", "RefCell",
    "Cell", "Duration", "Instant", "PathBuf", "Path", "Ordering", "File", "Cow", "PhantomData",
    "collections", "fmt", "mem", "thread", "env", "process", "iter", "cmp", "str", "time",
)  # fmt: skip
"""What of the standard library is used most and is not in its prelude."""


def _elsewhere(site: Site, capital: bool) -> list[str]:
    """The types, or modules, that would have to be imported first."""
    names = [one for one in _COMMON if one[:1].isupper() == capital]
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for node in file.walk("struct_item", "enum_item", "trait_item", "mod_item", "type_item"):
            own = node.child_by_field_name("name")
            names += [file.text(own)] if own is not None and file.text(own)[:1].isupper() == capital else []
    return names


def _later(site: Site, whole: Node, name: str, written: str) -> Iterator[Patch]:
    """A segment that what stands before it does not have."""
    symbols = site.context.symbols
    macro = whole.parent
    if macro is not None and macro.type == "macro_invocation":
        last = written.rpartition("::")[2]
        defined = any(
            (own := one.child_by_field_name("name")) is not None and site.file.text(own) == last
            for one in site.file.walk("macro_definition")
        )
        changes = [site.file.replace(one, last) for one in _macro_paths(site, last)] if defined else []
        if changes:
            yield patch(f"name the macro `{last}` alone: its scope is that of the text", 0.7, *changes)
        return
    before = site.file.data[whole.start_byte : site.place.start].decode("utf-8", "replace").removesuffix("::")
    last = written.rpartition("::")[2]
    for wanted in _inside(site, before, name):
        changes = [site.file.replace(place, wanted) for place in same_missing(site, name)]
        yield patch(f"`{wanted}` is meant", 0.64, *changes)
    for number, path in enumerate(symbols.paths_of(last, site.place)[:3]):
        if path != written:
            yield patch(f"`{path}` is meant", 0.6 - 0.1 * number, site.file.replace(whole, path))
    after = site.file.data[site.place.end : whole.end_byte].decode("utf-8", "replace").strip(":").split("::")
    inner = [after[0]] if after[0] else []
    for number, path in enumerate(one for part in inner for one in symbols.paths_of(part, site.place)[:2]):
        rest = "::".join(after[1:])
        text = f"{path}::{rest}" if rest else path
        if text not in (written, *symbols.paths_of(last, site.place)[:3]):
            yield patch(f"`{text}` is meant", 0.5 - 0.1 * number, site.file.replace(whole, text))


def _macro_paths(site: Site, name: str) -> list[Node]:
    """The paths by which this file calls a macro of the crate."""
    called = (one.child_by_field_name("macro") for one in site.file.walk("macro_invocation"))
    return [one for one in called if one is not None and re.fullmatch(rf"(crate|self)::{name}", site.file.text(one))]


def _inside(site: Site, before: str, name: str) -> list[str]:
    """Names like this one in the module that stands before it."""
    full = before if before.startswith(("std", "crate")) else ""
    if not full:
        return []
    listed = site.context.symbols.names_in(full, site.place)
    return nearest(name, listed)[:2]


def _too_high(site: Site, whole: Node) -> Iterator[Patch]:
    """One `super` too many; what follows it is in the crate's root, or nearer."""
    text = site.file.text(whole)
    rest = text.replace(" ", "")
    while rest.startswith("super::"):
        rest = rest.removeprefix("super::")
    yield patch("begin at the crate's root", 0.6, site.file.replace(whole, f"crate::{rest}"))
    shorter = text.replace("super::", "", 1)
    yield patch("go up one module less", 0.55, site.file.replace(whole, shorter))


def _declare(site: Site, path: str, name: str) -> Change | None:
    """`mod name;` in the root, or in the file of the folder that the module lies in."""
    folder = path.removesuffix(f"{name}.rs").removesuffix(f"{name}/mod.rs").rstrip("/")
    for root in ("main.rs", "lib.rs", "mod.rs"):
        place = f"{folder}/{root}" if folder else root
        file = site.context.files.get(place)
        if file is None or path == place:
            continue
        declared = {
            file.text(own) for one in file.walk("mod_item") if (own := one.child_by_field_name("name")) is not None
        }
        if name in declared:
            return None
        skipped = ("inner_attribute_item", "line_comment", "block_comment", "shebang")
        first = next((one for one in children(file.root) if one.type not in skipped), None)
        at = first.start_byte if first is not None else len(file.data)
        return Change(Place(place, at, at), f"mod {name};\n")
    return None


PLUGIN = Mend(
    codes=("E0433",),
    title="import, complete or spell the path",
    cites=(
        "docs:error_codes/E0433.html",
        "docs:reference/paths.html",
        "docs:book/ch07-04-bringing-paths-into-scope-with-the-use-keyword.html",
    ),
    examples=(
        Example(
            """
pub fn empty() -> usize {
    let map: std::collections::HashMap<u8, u8> = HashMap::new();
    map.len()
}
""",
            """
use std::collections::HashMap;

pub fn empty() -> usize {
    let map: std::collections::HashMap<u8, u8> = HashMap::new();
    map.len()
}
""",
        ),
        Example(
            """
pub fn empty() -> usize {
    let map: std::collections::HashMap<u8, u8> = std::colections::HashMap::new();
    map.len()
}
""",
            """
pub fn empty() -> usize {
    let map: std::collections::HashMap<u8, u8> = std::collections::HashMap::new();
    map.len()
}
""",
        ),
        Example(
            """
pub mod shapes {
    pub mod round {
        pub fn area() -> u8 {
            super::super::super::one()
        }
    }
}
fn one() -> u8 {
    1
}
""",
            """
pub mod shapes {
    pub mod round {
        pub fn area() -> u8 {
            crate::one()
        }
    }
}
fn one() -> u8 {
    1
}
""",
        ),
        Example(
            """
pub fn area() -> u8 {
    shapes::area()
}
""",
            """
mod shapes;
pub fn area() -> u8 {
    shapes::area()
}
""",
            files={"shapes.rs": "pub fn area() -> u8 {\n    1\n}\n"},
        ),
        Example(
            """
macro_rules! one {
    () => {
        1
    };
}
pub fn number() -> u8 {
    crate::one!()
}
""",
            """
macro_rules! one {
    () => {
        1
    };
}
pub fn number() -> u8 {
    one!()
}
""",
        ),
    ),
    patches=_patches,
)
